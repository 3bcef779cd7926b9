"""The reception's addresses. Names that begin with ``account_`` and ``mfa_`` are those by which allauth asks."""

from django.urls import path

from .views import account, asking, configuring, confirming, demo, factors, home, house, lock, people, signing_in, teams

urlpatterns = [
    path("", home.home, name="home"),
    # Signing in and out
    path("sign-in/", signing_in.sign_in, name="account_login"),
    path("sign-in/", signing_in.sign_in, name="sign-in"),
    path("sign-out/", signing_in.sign_out, name="account_logout"),
    path("sign-out/", signing_in.sign_out, name="sign-out"),
    path("account/second-factor/", signing_in.second_factor, name="mfa_authenticate"),
    path("account/passkey/", signing_in.sign_in_by_passkey, name="mfa_login_webauthn"),
    path("invitation/<str:token>/", signing_in.accept, name="accept-invitation"),
    path("lock/", lock.lock, name="lock"),
    path("unlock/", lock.unlock, name="unlock"),
    # One's own account
    path("account/", account.my_account, name="my-account"),
    path("account/pin/", account.pin, name="pin"),
    path("account/password/", factors.password, name="change-password"),
    path("account/sessions/end/", account.end_other_sessions, name="end-other-sessions"),
    path("account/sessions/<uuid:uid>/end/", account.end_one_session, name="end-session"),
    path("account/memberships/<uuid:uid>/", account.answer_membership, name="answer-membership"),
    path("account/travel/", account.travel, name="travel"),
    path("account/requests/<uuid:uid>/", asking.answer, name="answer-request"),
    path("account/kept/<uuid:uid>/", account.held_form, name="held-form"),
    path("account/factors/", factors.index, name="mfa_index"),
    path("account/factors/app/", factors.set_up_app, name="mfa_activate_totp"),
    path("account/factors/app/code.svg", factors.app_code, name="app-code"),
    path("account/factors/app/remove/", factors.remove_app, name="mfa_deactivate_totp"),
    path("account/factors/passkeys/add/", factors.add_passkey, name="mfa_add_webauthn"),
    path("account/factors/passkeys/<str:token>/remove/", factors.remove_passkey, name="remove-passkey"),
    path("account/factors/codes/", factors.recovery_codes, name="mfa_view_recovery_codes"),
    path("account/factors/codes/new/", factors.new_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/confirm/", confirming.by_password, name="account_reauthenticate"),
    path("account/confirm/code/", confirming.by_code, name="mfa_reauthenticate"),
    path("account/confirm/passkey/", confirming.by_passkey, name="mfa_reauthenticate_webauthn"),
    path("account/confirm/demo/", confirming.by_demo, name="confirm-demo"),
    # The administrator's pages
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite-person"),
    path("people/<uuid:uid>/", people.person, name="person"),
    path("people/<uuid:uid>/roles/", people.give_role, name="give-role"),
    path("people/<uuid:uid>/mandate/", people.note_mandate, name="note-mandate"),
    path("people/<uuid:uid>/roles/<uuid:role_uid>/end/", people.take_role, name="take-role"),
    path("people/<uuid:uid>/memberships/", people.propose_member, name="propose-member"),
    path("people/<uuid:uid>/memberships/<uuid:membership_uid>/end/", people.remove_member, name="remove-member"),
    path("people/<uuid:uid>/account/", people.change_account, name="change-account"),
    path("people/<uuid:uid>/requests/", asking.ask, name="ask-for-account"),
    path("people/teams/new/", teams.new_team, name="new-team"),
    path("people/teams/<uuid:uid>/", teams.team_page, name="team-page"),
    path("people/teams/<uuid:uid>/name/", teams.rename, name="team-rename"),
    path("people/organisations/new/", teams.new_organisation, name="new-organisation"),
    # The house as a whole
    path("office/", house.office, name="office"),
    path("small-house/", house.small_house, name="small-house"),
    # The demo
    path("demo/", demo.demo, name="demo"),
    path("demo/sign-in/", demo.demo_sign_in, name="demo-sign-in"),
    # What an administrator sets up
    path("this-office/", configuring.this_office, name="this-office"),
    path("this-office/settings/", configuring.settings_page, name="house-settings"),
]
