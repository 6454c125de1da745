// An application on Electron: one window with a page. A line of JSON from the pipe `to` is an address to go to, or an expression for the page; its answer
// goes to the pipe `from`. Both stand in the folder that the command line names.
const { app, BrowserWindow } = require("electron");
const fs = require("fs");
const readline = require("readline");

const pipes = process.argv[process.argv.length - 1];

app.whenReady().then(() => {
    const page = new BrowserWindow({ x: 0, y: 20, width: 820, height: 860 });
    const obey = async ({ address, expression }) => {
        if (address) return page.loadURL(address);
        return page.webContents.executeJavaScript(expression, true);
    };
    const out = fs.createWriteStream(`${pipes}/from`);
    readline.createInterface({ input: fs.createReadStream(`${pipes}/to`) }).on("line", async line => {
        const asked = JSON.parse(line);
        const answer = { number: asked.number };
        try {
            const value = await obey(asked);
            answer.value = value === undefined ? null : value;
        } catch (error) {
            answer.error = String(error);
        }
        out.write(JSON.stringify(answer) + "\n");
    });
    out.write(JSON.stringify({ number: 0, value: process.versions }) + "\n");
});
