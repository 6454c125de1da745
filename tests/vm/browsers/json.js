// What pages ask of browsers since 2023, and Chromium 83 does not have: WebAuthn's options and answers as JSON.
(() => {
    const bytes = text => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), letter => letter.charCodeAt(0));
    const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
    const named = list => (list || []).map(one => ({ ...one, id: bytes(one.id) }));
    const of = (json, more) => ({ ...json, challenge: bytes(json.challenge), ...more });

    // The last member of an attestation object: its name, CBOR's head for bytes of 8 or 16 bits of length, and the bytes.
    const authenticatorData = object => {
        const name = Array.from("authData", letter => letter.charCodeAt(0));
        const head = object.findIndex((_, at) => name.every((byte, more) => object[at + more] === byte)) + name.length;
        return object.slice(head + (object[head] === 0x58 ? 2 : 3));
    };
    // An ES256 key ends with x, a head of three bytes, and y.
    const spki = data => {
        const before = bytes("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE");
        return new Uint8Array([...before, ...data.slice(-67, -35), ...data.slice(-32)]);
    };

    PublicKeyCredential.parseCreationOptionsFromJSON = json =>
        of(json, { user: { ...json.user, id: bytes(json.user.id) }, excludeCredentials: named(json.excludeCredentials) });
    PublicKeyCredential.parseRequestOptionsFromJSON = json => of(json, { allowCredentials: named(json.allowCredentials) });
    PublicKeyCredential.prototype.toJSON = function () {
        const response = {};
        for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
            if (this.response[name]) response[name] = text(this.response[name]);
        }
        if (response.attestationObject) {
            const data = authenticatorData(new Uint8Array(this.response.attestationObject));
            const more = { authenticatorData: text(data), publicKey: text(spki(data)), publicKeyAlgorithm: -7, transports: this.response.getTransports() };
            Object.assign(response, more);
        }
        return {
            id: this.id, rawId: text(this.rawId), type: this.type, authenticatorAttachment: "cross-platform", response,
            clientExtensionResults: this.getClientExtensionResults(),
        };
    };
})();
