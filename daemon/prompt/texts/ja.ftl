window-title = スマートフォンのパスキー

ask-create = パスキーの作成先
ask-get = サインイン先
ask-create-key = 鍵の作成先
ask-get-key = 署名に使う鍵
ask-select = スマートフォンをセキュリティキーとして使いますか？
ask-waiting = プログラムがパスキーを求めています

program-hint = 要求元のプログラムは { $program } のようです。
program-unknown = このコンピューターのプログラムが求めています。

scan-how = スマートフォンのカメラをコードに向けてください。Bluetooth はスマートフォンでもオンにしてください。
select-how = プログラムが、使用するセキュリティキーを尋ねています。点滅しているキーがあれば、代わりにそのキーに触れてもかまいません。

note-usb-transport = Firefox は、このパスキーが USB キーにあるとサイトに伝えます。そのため、スマートフォン自体ではこのパスキーを提示しないサイトがあります。
note-aaguid-erased = Chromium は、パスキーを作成した機種をサイトに伝えません。特定の機種だけを許可する組織では拒否されることがあります。
note-other-code = ブラウザーにもコードが表示されることがあります。どちらのコードでも使えます。
note-policy-may-refuse = エクスポートによると、組織のポリシーがこの操作を拒否する可能性があります。理由はレポートにあります。

code-name = スマートフォン用の QR コード
code-description = スマートフォンのカメラだけが読み取れます。スマートフォンはこのコンピューターの近くにある必要があります。
code-awaited = まもなくここにコードが表示されます。
code-used = コードは読み取られました。
code-void = このコードは無効です。

step-scan-active = スマートフォンでコードを読み取ってください
step-scan-done = スマートフォンがコードを読み取りました
step-connect-todo = スマートフォンに接続
step-connect-active = スマートフォンに接続しています
step-connect-done = スマートフォンに接続しました
step-confirm-todo = スマートフォンで確認
step-confirm-active = スマートフォンで確認してください
step-confirm-done = スマートフォンが応答しました
step-stopped = { $step }：ここで止まりました

stale-code = スマートフォンが前のコードを読み取りました。いま表示されているコードを読み取ってください。
new-code = 新しいコードです。前のコードは無効になりました。
paused = その間、このコンピューターはスリープしていました。

trouble-live = 問題があります
trouble-failed = 完了できませんでした
trouble-means = 意味
trouble-todo = 対処方法
trouble-english = （英語）

can-renew = プログラムはまだ待っています。「新しいコード」でもう一度試せます。
over-failed-web = ブラウザーには通知済みで、もう一度尋ねられることはありません。やり直すには、ブラウザーでキャンセルしてから始めてください。
over-failed-key = プログラムには通知済みです。やり直すには、コマンドをもう一度実行してください。
over-agent-gone = スマートフォンと通信する hybridd の部分が終了したため、この要求も終わりました。プログラムでやり直してください。
over-done = 完了しました。プログラムで続けてください。

button-new-code = 新しいコード
button-not-now = 今はしない
button-cancel = キャンセル
button-use = スマートフォンを使う
button-report = レポート
button-back = 戻る
button-copy = コピー
button-close = 閉じる

report-title = 起きたこと
report-copied = レポートをコピーしました。
