//! Whole recoveries, in both languages.

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::mail::MailKind;

use super::visit::{NEW, OLD, Visit};
use crate::world::World;

const BEN: &str = "ben@waizant.example";

#[tokio::test]
async fn password_is_recovered() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types(&format!("/account recover email:{BEN}")).await;
        assert_snapshot!(ben.sees_changes().await, @r"
        Choose a new password
        Press Open the page and enter the code that was mailed to b•••\@w•••.example. If you received several mails, use the newest.

        The page works until 11:00 UTC (in 1 hour) and for one change. Do not share the link.

        Never enter a password in Discord.
        BackOffice password · Session ······
        [Open the page ↗] [Close]
        ");
        let visit = Visit::of(&ben);
        assert!(visit.link.starts_with(&format!("{}recover/", world.public_url())), "{}", visit.link);
        world.passes(minutes(1)).await;
        let page = world.opens(&visit).await;
        assert_eq!(page.status, 200);
        assert_snapshot!(page.text, @"
        Waizant BackOffice
        New password
        A code was mailed to b•••@w•••.example. It is valid for an hour after it was sent. If you received several mails, use the newest.
        This page works for 59 more minutes and for one change.
        Your BackOffice account
        Write your password reset code
        Six digits
        No code in your mail?
        Resend
        New Password
        Requirements for the new password:
        At least 8 characters
        An upper-case letter (A–Z)
        A lower-case letter (a–z)
        A number (0–9)
        A special character (for example ! @ # $ % & *)
        No spaces or invisible characters
        At most 256 characters
        Not easy to guess: no common password, no Waizant names, not your name or address
        Different from your last 3 passwords
        Confirm New Password
        Save the new password
        ");

        let kept = world.form(&visit, &[("code", "000000"), ("password", NEW), ("again", NEW), ("do", "save")]).await;
        let done = world.saves(&visit, &world.code_for(BEN), NEW, NEW).await;
        assert_eq!(done.status, 200);
        assert_snapshot!(done.text, @"
        Waizant BackOffice
        Your password was changed
        Sign in to BackOffice with the new password.
        You were signed out of BackOffice everywhere. A window that is still open may keep working until its sign-in expires.
        You will receive a notice by mail.
        If you did not change the password yourself, contact an administrator at once.
        You can close this page.
        ");
        assert_snapshot!(ben.sees_changes().await, @"
        Your password was changed
        Sign in to BackOffice with the new password.

        You were signed out of BackOffice everywhere. A window that is still open may keep working until its sign-in expires.

        You will receive a notice by mail.

        If you did not change the password yourself, contact an administrator at once.
        BackOffice password · Session ······
        ");
        let aws = &world.sandbox.aws;
        assert!(aws.accepts_password(BEN, NEW) && !aws.accepts_password(BEN, OLD));
        assert_eq!(aws.sign_outs(BEN), 1);
        let kinds: Vec<_> = world.sandbox.mail.for_address(BEN).into_iter().map(|mail| mail.kind).collect();
        assert_eq!(kinds, [MailKind::PasswordReset, MailKind::PasswordChanged]);

        // A form that was open in another window changes nothing.
        let again = world.sends_kept(&visit, &kept).await;
        assert!(again.says("Your password was changed"), "{}", again.text);
        assert!(world.opens(&visit).await.says("Your password was changed"));
        assert_eq!(aws.calls_of("ConfirmForgotPassword").len(), 1);
        assert_snapshot!(world.trail().await.join("\n"), @r#"
        recovery_asked {"account":"0a1c7a52-5d0e-4c1b-9a61-0b6f4d1f0002"}
        code_asked {"nth":1,"purpose":"password_reset"}
        code_sent {"nth":1,"purpose":"password_reset","to":"b•••@w•••.example"}
        password_typed {"nth":1}
        password_changed {"nth":1}
        closed {"why":"finished"}
        signed_out {"outcome":"done"}
        notified {"outcome":"done","template":"password_changed"}
        "#);

        world.chooses(&ben, "julia@example.com", "Casa Luz").await;
        ben.presses("Cancel").await;
        ben.submits(["only a test of the session"]).await;
        ben.sees().await;
    })
    .await;
}

#[tokio::test]
async fn password_is_recovered_in_spanish() {
    World::run(async |world| {
        let ana = world.person("ana");
        ana.types("/cuenta recuperar correo:ana@waizant.example").await;
        assert_snapshot!(ana.sees_changes().await, @r"
        Elige una contraseña nueva
        Pulsa Abrir la página y escribe el código enviado a a•••\@w•••.example. Si recibiste varios correos, usa el más reciente.

        La página funciona hasta las 11:00 UTC (in 1 hour) y para un solo cambio. No compartas el enlace.

        Nunca escribas una contraseña en Discord.
        Contraseña de BackOffice · Sesión ······
        [Abrir la página ↗] [Cerrar]
        ");
        let visit = Visit::of(&ana);
        let wrong = world.saves(&visit, &world.wrong_code_for("ana@waizant.example"), NEW, NEW).await;
        assert!(wrong.says("Ese código no es correcto."), "{}", wrong.text);
        assert_snapshot!(ana.sees_changes().await, @"
        Elige una contraseña nueva
        + ⚠️ Ese código no es correcto. Usa el del correo más reciente.
        …
        ");
        let done = world.saves(&visit, &world.code_for("ana@waizant.example"), NEW, NEW).await;
        assert_snapshot!(done.text, @"
        Waizant BackOffice
        Tu contraseña se ha cambiado
        Inicia sesión en BackOffice con la nueva contraseña.
        Se han cerrado todas tus sesiones de BackOffice. Una ventana que siga abierta puede funcionar un rato más, hasta que caduque su sesión.
        Recibirás un aviso por correo.
        Si no has cambiado tú la contraseña, habla enseguida con un administrador.
        Ya puedes cerrar esta página.
        ");
        assert_snapshot!(ana.sees_changes().await, @"
        Tu contraseña se ha cambiado
        Inicia sesión en BackOffice con la nueva contraseña.

        Se han cerrado todas tus sesiones de BackOffice. Una ventana que siga abierta puede funcionar un rato más, hasta que caduque su sesión.

        Recibirás un aviso por correo.

        Si no has cambiado tú la contraseña, habla enseguida con un administrador.
        Contraseña de BackOffice · Sesión ······
        ");
        let notice = world.sandbox.mail.for_address("ana@waizant.example").pop().unwrap();
        assert_eq!((notice.kind, notice.subject.as_str()), (MailKind::PasswordChanged, "Su contraseña del BackOffice cambió"));
    })
    .await;
}

#[tokio::test]
async fn account_reset_by_administrator_can_be_recovered() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.sandbox.aws.set_user_status(BEN, sandbox::seed::UserStatus::ResetRequired);
        let visit = world.recovers(&ben).await;
        assert!(
            world
                .saves(&visit, &world.code_for(BEN), NEW, NEW)
                .await
                .says("Your password was changed")
        );
        ben.sees().await;
        assert!(world.sandbox.aws.accepts_password(BEN, NEW));
    })
    .await;
}

#[tokio::test]
async fn recovery_and_support_session_run_side_by_side() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, "julia@example.com", "Casa Luz").await;
        let visit = world.recovers(&ben).await;
        ben.reloads();
        ben.types("/support resume").await;
        assert!(
            ben.sees().await.contains("mailed to **you**"),
            "resume draws the session with the customer"
        );
        // The agent's code of the session is not Cognito's code.
        let mails = world.sandbox.mail.for_address(BEN);
        let of = |kind| {
            mails.iter().rfind(|mail| mail.kind == kind).and_then(|mail| mail.code.clone()).unwrap()
        };
        assert!(
            world
                .saves(&visit, &of(MailKind::PasswordReset), NEW, NEW)
                .await
                .says("Your password was changed")
        );
        ben.presses("Enter code").await;
        ben.submits([of(MailKind::AgentCode).as_str()]).await;
        assert!(ben.sees().await.contains("[Send code]"));
    })
    .await;
}
