window-title = Clé d’accès sur le téléphone

ask-create = Créer une clé d’accès pour
ask-get = Se connecter à
ask-create-key = Créer une clé pour
ask-get-key = Signer avec la clé pour
ask-select = Utiliser le téléphone comme clé de sécurité ?
ask-waiting = Un programme demande une clé d’accès

program-hint = Le programme semble être { $program }.
program-unknown = Un programme de cet ordinateur la demande.

scan-how = Dirigez l’appareil photo du téléphone vers le code. Le Bluetooth doit être activé, aussi sur le téléphone.
select-how = Un programme demande quelle clé de sécurité utiliser. Vous pouvez aussi toucher une clé qui clignote.

note-usb-transport = Firefox indique au site que cette clé d’accès se trouve sur une clé USB. Certains sites ne la proposent alors pas sur le téléphone lui-même.
note-aaguid-erased = Chromium n’indique pas au site quel modèle a créé la clé d’accès. Les organisations qui n’acceptent que certains modèles peuvent la refuser.
note-other-code = Le navigateur affiche peut-être aussi un code. Les deux codes conviennent.
note-policy-may-refuse = D’après son export, la stratégie de votre organisation peut refuser cette demande. Le rapport en donne la raison.

code-name = Code QR pour le téléphone
code-description = Seul l’appareil photo d’un téléphone peut le lire. Le téléphone doit se trouver près de cet ordinateur.
code-awaited = Le code apparaît ici dans un instant.
code-used = Le code a été scanné.
code-void = Le code n’est plus valable.

step-scan-active = Scannez le code avec le téléphone
step-scan-done = Le téléphone a scanné le code
step-connect-todo = Connexion au téléphone
step-connect-active = Connexion au téléphone en cours
step-connect-done = Connecté au téléphone
step-confirm-todo = Confirmation sur le téléphone
step-confirm-active = Confirmez maintenant sur le téléphone
step-confirm-done = Le téléphone a répondu
step-stopped = { $step } : arrêt à cette étape

stale-code = Un téléphone a scanné un code précédent. Scannez le code affiché maintenant.
new-code = Voici un nouveau code. Le précédent n’est plus valable.
paused = Cet ordinateur a été mis en veille entre-temps.

trouble-live = Il y a un problème
trouble-failed = Cela n’a pas fonctionné
trouble-means = Ce que cela signifie
trouble-todo = Que faire
trouble-english = (en anglais)

can-renew = Le programme attend toujours. « Nouveau code » permet de réessayer.
over-failed-web = Le navigateur a été informé et ne redemandera pas. Pour réessayer, annulez dans le navigateur et recommencez-y.
over-failed-key = Le programme a été informé. Pour réessayer, relancez sa commande.
over-agent-gone = La partie de hybridd qui communique avec le téléphone s’est arrêtée, et la demande avec elle. Recommencez dans le programme.
over-done = Terminé. Vous pouvez continuer dans le programme.

button-new-code = Nouveau code
button-not-now = Pas maintenant
button-cancel = Annuler
button-use = Utiliser le téléphone
button-report = Rapport
button-back = Retour
button-copy = Copier
button-close = Fermer

report-title = Ce qui s’est passé
report-copied = Le rapport a été copié.
