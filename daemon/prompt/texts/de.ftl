window-title = Passkey auf dem Telefon

ask-create = Passkey erstellen für
ask-get = Anmelden bei
ask-create-key = Schlüssel erstellen für
ask-get-key = Signieren mit dem Schlüssel für
ask-select = Das Telefon als Sicherheitsschlüssel verwenden?
ask-waiting = Ein Programm fragt nach einem Passkey

program-hint = Das Programm ist vermutlich { $program }.
program-unknown = Ein Programm auf diesem Computer fragt danach.

scan-how = Richten Sie die Kamera des Telefons auf den Code. Bluetooth muss eingeschaltet sein, auch am Telefon.
select-how = Ein Programm fragt, welcher Sicherheitsschlüssel verwendet werden soll. Stattdessen kann auch ein Schlüssel berührt werden, der blinkt.

note-usb-transport = Firefox meldet der Website, dass dieser Passkey auf einem USB-Schlüssel liegt. Manche Websites bieten ihn dann auf dem Telefon selbst nicht an.
note-aaguid-erased = Chromium meldet der Website nicht, welches Modell den Passkey erstellt hat. Organisationen, die nur bestimmte Modelle zulassen, lehnen ihn möglicherweise ab.
note-other-code = Vielleicht zeigt auch der Browser einen Code. Beide Codes funktionieren.
note-policy-may-refuse = Nach ihrem Export lehnt die Richtlinie Ihrer Organisation dies möglicherweise ab. Der Bericht nennt den Grund.

code-name = QR-Code für das Telefon
code-description = Nur die Kamera eines Telefons kann ihn lesen. Das Telefon muss in der Nähe dieses Computers sein.
code-awaited = Gleich erscheint hier der Code.
code-used = Der Code wurde gescannt.
code-void = Der Code gilt nicht mehr.

step-scan-active = Code mit dem Telefon scannen
step-scan-done = Das Telefon hat den Code gescannt
step-connect-todo = Mit dem Telefon verbinden
step-connect-active = Verbindung zum Telefon wird hergestellt
step-connect-done = Mit dem Telefon verbunden
step-confirm-todo = Auf dem Telefon bestätigen
step-confirm-active = Bestätigen Sie jetzt auf dem Telefon
step-confirm-done = Das Telefon hat geantwortet
step-stopped = { $step }: hier ging es nicht weiter

stale-code = Ein Telefon hat einen früheren Code gescannt. Scannen Sie den Code, der jetzt zu sehen ist.
new-code = Das ist ein neuer Code. Der vorige gilt nicht mehr.
paused = Dieser Computer war zwischendurch im Ruhezustand.

trouble-live = Es gibt ein Problem
trouble-failed = Es hat nicht geklappt
trouble-means = Was es bedeutet
trouble-todo = Was zu tun ist
trouble-english = (auf Englisch)

can-renew = Das Programm wartet noch. „Neuer Code“ versucht es noch einmal.
over-failed-web = Der Browser weiß Bescheid und fragt nicht noch einmal. Brechen Sie im Browser ab und beginnen Sie dort von vorn, um es erneut zu versuchen.
over-failed-key = Das Programm weiß Bescheid. Führen Sie seinen Befehl noch einmal aus, um es erneut zu versuchen.
over-agent-gone = Der Teil von hybridd, der mit dem Telefon spricht, wurde beendet, und damit auch die Anfrage. Beginnen Sie im Programm von vorn.
over-done = Fertig. Im Programm geht es weiter.

button-new-code = Neuer Code
button-not-now = Jetzt nicht
button-cancel = Abbrechen
button-use = Telefon verwenden
button-report = Bericht
button-back = Zurück
button-copy = Kopieren
button-close = Schließen

report-title = Was geschehen ist
report-copied = Der Bericht wurde kopiert.
