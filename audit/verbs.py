"""The register of verbs: everything that can happen in Haven and is worth a line in the ledger.

Each verb has the sentence that an auditor reads, without a subject ("opened a case"); which codes its event may carry
stands in ``audit.detail_keys``. An unknown verb raises. A new verb goes at the end of its room's block and is
never renamed or reused: events outlive code.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .errors import UnknownVerb


class Verb(models.TextChoices):
    """What somebody did. The label is the sentence."""

    # ---- reception: signing in ----
    SIGNED_IN = "SIGNED_IN", _("signed in")
    SECOND_FACTOR_PASSED = "SECOND_FACTOR_PASSED", _("passed the second step of signing in")
    SIGN_IN_FAILED = "SIGN_IN_FAILED", _("failed to sign in")
    SECOND_FACTOR_FAILED = "SECOND_FACTOR_FAILED", _("failed the second step of signing in")
    SIGNED_OUT = "SIGNED_OUT", _("signed out")
    SIGNED_OUT_EVERYWHERE = "SIGNED_OUT_EVERYWHERE", _("signed out on every device")
    SESSION_LOCKED = "SESSION_LOCKED", _("locked the screen")
    SESSION_UNLOCKED = "SESSION_UNLOCKED", _("unlocked the screen")
    UNLOCK_FAILED = "UNLOCK_FAILED", _("failed to unlock the screen")
    STEP_UP_PASSED = "STEP_UP_PASSED", _("confirmed who they are once more")
    STEP_UP_FAILED = "STEP_UP_FAILED", _("failed to confirm who they are")
    SECOND_FACTOR_ADDED = "SECOND_FACTOR_ADDED", _("added a second factor")
    SECOND_FACTOR_REMOVED = "SECOND_FACTOR_REMOVED", _("removed a second factor")
    RECOVERY_CODES_MADE = "RECOVERY_CODES_MADE", _("made new recovery codes")
    RECOVERY_CODE_USED = "RECOVERY_CODE_USED", _("used a recovery code")
    PASSWORD_CHANGED = "PASSWORD_CHANGED", _("changed a password")
    PIN_CHANGED = "PIN_CHANGED", _("changed the PIN for unlocking")
    SIGN_IN_LIMITED = "SIGN_IN_LIMITED", _("was stopped after too many attempts")

    # ---- reception: people and teams ----
    USER_INVITED = "USER_INVITED", _("invited a person")
    INVITATION_ACCEPTED = "INVITATION_ACCEPTED", _("accepted an invitation")
    USER_CHANGED = "USER_CHANGED", _("changed an account")
    USER_DEACTIVATED = "USER_DEACTIVATED", _("deactivated an account")
    USER_REACTIVATED = "USER_REACTIVATED", _("reactivated an account")
    USER_LOCKED = "USER_LOCKED", _("locked a person out")
    USER_UNLOCKED = "USER_UNLOCKED", _("let a locked person in again")
    PREFERENCES_CHANGED = "PREFERENCES_CHANGED", _("changed their own preferences")
    ROLE_ASSIGNED = "ROLE_ASSIGNED", _("gave a person a role")
    ROLE_ENDED = "ROLE_ENDED", _("ended a role")
    ORGANISATION_ADDED = "ORGANISATION_ADDED", _("added an organisation")
    ORGANISATION_CHANGED = "ORGANISATION_CHANGED", _("changed an organisation")
    TEAM_ADDED = "TEAM_ADDED", _("added a team")
    TEAM_CHANGED = "TEAM_CHANGED", _("changed a team")
    MEMBERSHIP_PROPOSED = "MEMBERSHIP_PROPOSED", _("proposed a person for a team")
    MEMBERSHIP_ACCEPTED = "MEMBERSHIP_ACCEPTED", _("accepted a person into a team")
    MEMBERSHIP_DECLINED = "MEMBERSHIP_DECLINED", _("declined a person for a team")
    MEMBERSHIP_ENDED = "MEMBERSHIP_ENDED", _("ended a membership of a team")
    PERSON_LEFT = "PERSON_LEFT", _("recorded that a person left")
    PERSON_MOVED = "PERSON_MOVED", _("moved a person to another team")
    LEAVE_BEGAN = "LEAVE_BEGAN", _("recorded that a person's leave began")
    LEAVE_ENDED = "LEAVE_ENDED", _("recorded that a person came back from leave")
    TRAVEL_BEGAN = "TRAVEL_BEGAN", _("put a person's access to rest for a journey")
    TRAVEL_ENDED = "TRAVEL_ENDED", _("restored a person's access after a journey")
    ORGANISATION_SUSPENDED = "ORGANISATION_SUSPENDED", _("suspended an organisation")
    ORGANISATION_RESTORED = "ORGANISATION_RESTORED", _("restored a suspended organisation")
    OFFICE_LOCKED = "OFFICE_LOCKED", _("locked the office")
    OFFICE_OPENED = "OFFICE_OPENED", _("opened the locked office")
    INCIDENT_OPENED = "INCIDENT_OPENED", _("opened an incident")
    INCIDENT_CLOSED = "INCIDENT_CLOSED", _("closed an incident")
    BROWSING_BRAKED = "BROWSING_BRAKED", _("opened many cases in an hour and was asked to confirm who they are")
    SESSION_ENDED = "SESSION_ENDED", _("ended a session on another device")
    NEW_DEVICE = "NEW_DEVICE", _("signed in from a device that was not known")
    FACTOR_RESET_ASKED = "FACTOR_RESET_ASKED", _("asked to reset a person's second factor")
    FACTOR_RESET_CONFIRMED = "FACTOR_RESET_CONFIRMED", _("confirmed that a person's second factor is reset")
    EMAIL_CHANGE_ASKED = "EMAIL_CHANGE_ASKED", _("asked to change a person's e-mail address")
    EMAIL_CHANGE_CONFIRMED = "EMAIL_CHANGE_CONFIRMED", _("confirmed a person's new e-mail address")
    DEGRADED_MODE_DECLARED = "DEGRADED_MODE_DECLARED", _("declared that too few people are there to keep roles apart")
    DEGRADED_MODE_ENDED = "DEGRADED_MODE_ENDED", _("ended the time with too few people to keep roles apart")
    DECLARATION_MADE = "DECLARATION_MADE", _("declared a person they know")
    DECLARATION_ENDED = "DECLARATION_ENDED", _("took back a declaration of a person they know")
    OWN_PHONE_CHANGED = "OWN_PHONE_CHANGED", _("said or took back which telephone is their own")
    PAGE_OPENED = "PAGE_OPENED", _("opened a page")

    # ---- case room: the case ----
    CASE_OPENED = "CASE_OPENED", _("opened a new case")
    CASE_VIEWED = "CASE_VIEWED", _("looked at a case")
    CASES_LISTED = "CASES_LISTED", _("looked at a list of cases")
    CASES_SEARCHED = "CASES_SEARCHED", _("searched for a case")
    NAME_SHOWN = "NAME_SHOWN", _("had a name shown")
    NAMES_SHOWN = "NAMES_SHOWN", _("had the names of a list shown")
    CASE_CHANGED = "CASE_CHANGED", _("changed a case")
    CASE_CLOSED = "CASE_CLOSED", _("closed a case")
    CASE_REOPENED = "CASE_REOPENED", _("reopened a case")
    CASE_RESTRICTED = "CASE_RESTRICTED", _("restricted a case to named people")
    CASE_UNRESTRICTED = "CASE_UNRESTRICTED", _("ended the restriction of a case")
    INTAKE_DONE = "INTAKE_DONE", _("took in a person")
    INTAKE_SEARCHED = "INTAKE_SEARCHED", _("searched before an intake")
    MATCH_REPORTED = "MATCH_REPORTED", _("sent a possible match to the intake coordinator")
    MATCH_REVIEWED = "MATCH_REVIEWED", _("reviewed a possible match")
    SURVIVOR_CHANGED = "SURVIVOR_CHANGED", _("changed a survivor's details")
    PROFILE_CHANGED = "PROFILE_CHANGED", _("changed a trafficking profile")
    SAFETY_CHANGED = "SAFETY_CHANGED", _("changed a safety plan")
    CONTACT_CHANGED = "CONTACT_CHANGED", _("changed a safe contact instruction")
    CONTACT_BEGAN = "CONTACT_BEGAN", _("read the safe contact rule and began to contact a survivor")
    CONTACT_NOTED = "CONTACT_NOTED", _("wrote down how an attempt to contact a survivor went")
    CONSENT_RECORDED = "CONSENT_RECORDED", _("recorded a consent")
    CONSENT_CHANGED = "CONSENT_CHANGED", _("changed a consent")
    CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN", _("recorded that a consent was withdrawn")
    NOTE_ADDED = "NOTE_ADDED", _("added a note")
    NOTE_CHANGED = "NOTE_CHANGED", _("changed a note")
    TASK_ADDED = "TASK_ADDED", _("added a task")
    TASK_CHANGED = "TASK_CHANGED", _("changed a task")
    TASK_DONE = "TASK_DONE", _("finished a task")
    TASK_REOPENED = "TASK_REOPENED", _("reopened a task")
    DOCUMENT_SEALED = "DOCUMENT_SEALED", _("stored a document")
    DOCUMENT_DOWNLOADED = "DOCUMENT_DOWNLOADED", _("downloaded a document")
    DOCUMENT_CHANGED = "DOCUMENT_CHANGED", _("changed what is known of a document")
    DOCUMENT_WITHDRAWN = "DOCUMENT_WITHDRAWN", _("withdrew a document")
    HISTORY_VIEWED = "HISTORY_VIEWED", _("looked at the history of a case")
    SHARING_VIEWED = "SHARING_VIEWED", _("looked at who may see a case")
    NUMBERS_SHOWN = "NUMBERS_SHOWN", _("had identity numbers shown in full")
    NOTICES_READ = "NOTICES_READ", _("marked their notices as read")
    DOCUMENT_VERIFIED = "DOCUMENT_VERIFIED", _("compared a file with the ledger")
    DOCUMENT_QUARANTINED = "DOCUMENT_QUARANTINED", _("put a document into quarantine, unopened")
    NOTE_AMENDED = "NOTE_AMENDED", _("added an amendment beneath a note")
    NOTE_MENTIONED = "NOTE_MENTIONED", _("asked colleagues to read a note")
    ALERT_RAISED = "ALERT_RAISED", _("raised an alert on a case")
    ALERT_SEEN = "ALERT_SEEN", _("said that they have seen an alert")
    ALERT_KEPT = "ALERT_KEPT", _("looked at an alert, which still holds")
    ALERT_ENDED = "ALERT_ENDED", _("ended an alert")
    SAFETY_INCIDENT_NOTED = "SAFETY_INCIDENT_NOTED", _("wrote down what happened to a survivor")
    SAFETY_CALLED = "SAFETY_CALLED", _("had somebody called to look at a case within the hour")
    SAFETY_CALL_TAKEN = "SAFETY_CALL_TAKEN", _("said that they look at a case to which somebody was called")
    SAFETY_CALL_ESCALATED = "SAFETY_CALL_ESCALATED", _("passed on a call that nobody took within the hour")
    CALLER_RECORDED = "CALLER_RECORDED", _("wrote down an anonymous contact")
    CALLER_DECIDED = "CALLER_DECIDED", _("wrote down what came of an anonymous contact")
    INQUIRY_RECORDED = "INQUIRY_RECORDED", _("wrote down that somebody asked about a person")
    CALLERS_READ = "CALLERS_READ", _("looked at anonymous contacts or at who asked")
    CALLER_HELD = "CALLER_HELD", _("kept a contact or an inquiry for the law, or let it go")
    CALLERS_REDUCED = "CALLERS_REDUCED", _("reduced a contact or an inquiry to a count")
    CASE_LINKED = "CASE_LINKED", _("linked a case with another")
    CASE_LINK_ENDED = "CASE_LINK_ENDED", _("ended the link of a case with another")
    INTAKE_GROUPED = "INTAKE_GROUPED", _("took in several people of one incident")
    STATUS_DECIDED = "STATUS_DECIDED", _("decided on a trafficking status, or wrote down who did")
    FAMILY_ADDED = "FAMILY_ADDED", _("wrote down somebody of a survivor's family")
    FAMILY_CHANGED = "FAMILY_CHANGED", _("changed what is known of a survivor's family")
    FAMILY_ENDED = "FAMILY_ENDED", _("took somebody off the list of a survivor's family")
    SUPPORT_ADDED = "SUPPORT_ADDED", _("wrote down somebody who stands by a survivor")
    SUPPORT_CHANGED = "SUPPORT_CHANGED", _("changed what is known of somebody who stands by a survivor")
    SUPPORT_ENDED = "SUPPORT_ENDED", _("took somebody off the list of those who stand by a survivor")
    PHOTO_KEPT = "PHOTO_KEPT", _("kept a photo of a survivor, whose release allows it")
    PHOTO_SHOWN = "PHOTO_SHOWN", _("had the photo of a survivor shown")
    PHOTO_REMOVED = "PHOTO_REMOVED", _("removed the photo of a survivor")
    TAG_MADE = "TAG_MADE", _("put a word on the list of tags")
    TAG_RETIRED = "TAG_RETIRED", _("took a word off the list of tags")
    CASE_TAGGED = "CASE_TAGGED", _("tagged a case")
    CASE_UNTAGGED = "CASE_UNTAGGED", _("took a tag off a case")
    VIEW_SHARED = "VIEW_SHARED", _("shared a view of the list with a team")
    VIEW_UNSHARED = "VIEW_UNSHARED", _("took a shared view back")
    CODE_SET = "CODE_SET", _("changed an answer of a code list")
    TEXT_SET = "TEXT_SET", _("worded a text of the house")
    TEXT_ENDED = "TEXT_ENDED", _("ended a text of the house")
    LETTER_WRITTEN = "LETTER_WRITTEN", _("wrote a letter from a case")
    MERGE_PROPOSED = "MERGE_PROPOSED", _("asked a supervisor to agree that two files are of one person")
    MERGE_DECLINED = "MERGE_DECLINED", _("declined that two files are of one person")
    CASES_MERGED = "CASES_MERGED", _("joined two files of one person")
    CASES_UNMERGED = "CASES_UNMERGED", _("took back that two files are of one person")
    OTHER_PERSON_NOTED = "OTHER_PERSON_NOTED", _("wrote down another person of whom a case speaks")
    OTHER_PERSON_CHANGED = "OTHER_PERSON_CHANGED", _("changed what is known of another person on a case")
    OTHER_PERSON_ENDED = "OTHER_PERSON_ENDED", _("took another person off the list of a case")
    PROCEEDING_JOINED = "PROCEEDING_JOINED", _("wrote a court proceeding down on a case")
    PROCEEDING_CHANGED = "PROCEEDING_CHANGED", _("wrote down how a court proceeding went on")
    PROCEEDING_LEFT = "PROCEEDING_LEFT", _("took a court proceeding off a case")
    CASE_CONTACT_LINKED = "CASE_CONTACT_LINKED", _("put a contact of another organisation on a case")
    CASE_CONTACT_CHANGED = "CASE_CONTACT_CHANGED", _("changed a contact of a case")
    CASE_CONTACT_ENDED = "CASE_CONTACT_ENDED", _("took a contact off a case")
    NUMBER_CHECKED = "NUMBER_CHECKED", _("asked whether nobody speaks with whoever calls from a number")
    PROCEEDING_FOLLOWED = "PROCEEDING_FOLLOWED", _("brought the dates of a case up to a court proceeding")
    MAPPING_SHARED = "MAPPING_SHARED", _("shared a choice of columns with a team")
    MAPPING_UNSHARED = "MAPPING_UNSHARED", _("took a shared choice of columns back")
    REPORTING_AUTHORITY_CHANGED = "REPORTING_AUTHORITY_CHANGED", _("changed the table of reporting authorities")

    # ---- case room: holds and erasure ----
    HOLD_PLACED = "HOLD_PLACED", _("placed a legal hold on a case")
    HOLD_LIFTED = "HOLD_LIFTED", _("lifted a legal hold from a case")
    ERASURE_ASKED = "ERASURE_ASKED", _("asked for an erasure")
    ERASURE_APPROVED = "ERASURE_APPROVED", _("approved an erasure")
    ERASURE_CONFIRMED = "ERASURE_CONFIRMED", _("recorded the private check before an erasure")
    ERASURE_STOPPED = "ERASURE_STOPPED", _("stopped an erasure")
    ERASURE_REFUSED = "ERASURE_REFUSED", _("refused an erasure because of a legal hold")
    ERASURE_DONE = "ERASURE_DONE", _("erased content by destroying its keys")

    CORRECTION_ASKED = "CORRECTION_ASKED", _("asked to remove what was written into the wrong record")
    CORRECTION_DECIDED = (
        "CORRECTION_DECIDED",
        _("decided, as the second person, on removing what stood in the wrong record"),
    )

    RETENTION_SET = "RETENTION_SET", _("set how long something is kept")
    RETENTION_LISTED = "RETENTION_LISTED", _("looked at what is kept too long")
    RETENTION_ASKED = "RETENTION_ASKED", _("asked to destroy what was kept its time")
    RETENTION_APPROVED = "RETENTION_APPROVED", _("approved, as the second person, to destroy what was kept its time")
    RETENTION_STOPPED = "RETENTION_STOPPED", _("stopped an order to destroy what was kept its time")
    RETENTION_DONE = "RETENTION_DONE", _("carried out an order to destroy what was kept its time")

    # ---- case room: in and out ----
    IMPORT_PREVIEWED = "IMPORT_PREVIEWED", _("previewed an import")
    IMPORT_TAKEN = "IMPORT_TAKEN", _("imported a sheet")
    IMPORT_ROW_TAKEN = "IMPORT_ROW_TAKEN", _("imported one row")
    IMPORT_ROW_CORRECTED = "IMPORT_ROW_CORRECTED", _("corrected a row of an import")
    IMPORT_DISCARDED = "IMPORT_DISCARDED", _("discarded an import")
    IMPORT_UNDONE = "IMPORT_UNDONE", _("undid an import")
    EXPORT_MADE = "EXPORT_MADE", _("exported cases")
    PRINT_MADE = "PRINT_MADE", _("printed a case")
    CALENDAR_FEED_MADE = "CALENDAR_FEED_MADE", _("made an address for a calendar program")
    CALENDAR_FEED_ENDED = "CALENDAR_FEED_ENDED", _("ended the address of a calendar program")
    CALENDAR_FETCHED = "CALENDAR_FETCHED", _("fetched hours and days by a calendar program")
    REMINDERS_CHOSEN = "REMINDERS_CHOSEN", _("chose how to be reminded")
    REMINDER_SENT = "REMINDER_SENT", _("reminded a person by e-mail that something is due")

    # ---- case room: who may see it ----
    RELEASE_RECORDED = "RELEASE_RECORDED", _("recorded a release of information")
    RELEASE_WITHDRAWN = "RELEASE_WITHDRAWN", _("recorded that a release was withdrawn")
    RELEASE_ENDED = "RELEASE_ENDED", _("noted that a release ran out")
    DISCLOSURE_MADE = "DISCLOSURE_MADE", _("disclosed information to an outside recipient")
    ACCESS_GRANTED = "ACCESS_GRANTED", _("gave access to a case")
    ACCESS_CHANGED = "ACCESS_CHANGED", _("changed an access to a case")
    ACCESS_REVOKED = "ACCESS_REVOKED", _("took access to a case away")
    ACCESS_EXPIRED = "ACCESS_EXPIRED", _("noted that an access ran out")
    ACCESS_REFUSED = "ACCESS_REFUSED", _("was refused a section of a case")
    ACCESS_HIDDEN = "ACCESS_HIDDEN", _("asked for a page that is not theirs or does not exist")
    DECRYPTION_REFUSED = "DECRYPTION_REFUSED", _("met a record that cannot be read")
    WALL_PLACED = "WALL_PLACED", _("placed a wall")
    WALL_LIFTED = "WALL_LIFTED", _("lifted a wall")
    DECLARATION_MATCHED = "DECLARATION_MATCHED", _("found that a declared person fits a case")
    CONFLICT_FOUND = "CONFLICT_FOUND", _("found a possible conflict of interest")
    CONFLICT_REVIEWED = "CONFLICT_REVIEWED", _("reviewed a possible conflict of interest")
    ACCESS_PROPOSED = "ACCESS_PROPOSED", _("proposed an access that needs a second person")
    ACCESS_APPROVED = "ACCESS_APPROVED", _("approved an access as the second person")
    ACCESS_DECLINED = "ACCESS_DECLINED", _("declined an access")
    ACCESS_ASKED = "ACCESS_ASKED", _("asked whether a person is known, or for access")
    ACCESS_ANSWERED = "ACCESS_ANSWERED", _("answered a request for access")
    EMERGENCY_OPENED = "EMERGENCY_OPENED", _("took emergency access to a case")
    EMERGENCY_REVIEWED = "EMERGENCY_REVIEWED", _("reviewed an emergency access")
    EMERGENCY_ESCALATED = "EMERGENCY_ESCALATED", _("passed an emergency access on that nobody reviewed in time")
    ROTA_CHANGED = "ROTA_CHANGED", _("changed the on-call rota")
    ATTESTED = "ATTESTED", _("attested that an access is still needed")
    RELEASE_RENEWED = "RELEASE_RENEWED", _("renewed a release of information")
    RELEASE_PRINTED = "RELEASE_PRINTED", _("printed a release of information")
    LEGAL_PROCESS_RECORDED = "LEGAL_PROCESS_RECORDED", _("recorded a subpoena, warrant or court order")
    MANDATED_REPORT_RECORDED = "MANDATED_REPORT_RECORDED", _("recorded a report that the law demands")
    SURVIVOR_NOTIFIED = "SURVIVOR_NOTIFIED", _("recorded that the survivor was told of a disclosure")
    DISCLOSURES_ACCOUNTED = "DISCLOSURES_ACCOUNTED", _("gave the survivor the account of disclosures")
    REVIEW_BEGAN = "REVIEW_BEGAN", _("began a review of access")
    REVIEW_DECIDED = "REVIEW_DECIDED", _("decided on an access in a review")
    REVIEW_ENDED = "REVIEW_ENDED", _("ended a review of access")
    CASE_HANDED_OVER = "CASE_HANDED_OVER", _("gave a case another lead")
    SAMPLE_DRAWN = "SAMPLE_DRAWN", _("had a sample of releases drawn by the system")
    SAMPLE_LOOKED_AT = "SAMPLE_LOOKED_AT", _("looked at a redacted sheet before auditors see it")
    SAMPLE_SHOWN = "SAMPLE_SHOWN", _("let auditors see a redacted sample of releases")
    SAMPLE_WITHDRAWN = "SAMPLE_WITHDRAWN", _("took a sample of releases back")
    LEGAL_PROCESS_FOLLOWED = "LEGAL_PROCESS_FOLLOWED", _("noted what became of a subpoena, warrant or court order")
    SUBJECT_REQUEST_RECORDED = (
        "SUBJECT_REQUEST_RECORDED",
        _("recorded what the survivor asks for by data protection law"),
    )
    SUBJECT_REQUEST_FOLLOWED = "SUBJECT_REQUEST_FOLLOWED", _("noted what became of what the survivor asked for")
    BREACH_RECORDED = "BREACH_RECORDED", _("recorded an incident with records")
    BREACH_FOLLOWED = "BREACH_FOLLOWED", _("noted what became of an incident")
    LIMITS_TOLD = "LIMITS_TOLD", _("told the survivor what must be reported, before asking")
    PRODUCTION_PREPARED = "PRODUCTION_PREPARED", _("prepared papers that a judge ordered")
    PRODUCTION_DECIDED = "PRODUCTION_DECIDED", _("decided on papers that a judge ordered")
    PRODUCTION_TAKEN = "PRODUCTION_TAKEN", _("took out papers that a judge ordered")

    # ---- workshops: legal ----
    MATTER_OPENED = "MATTER_OPENED", _("opened a legal matter")
    MATTER_VIEWED = "MATTER_VIEWED", _("looked at a legal matter")
    MATTERS_LISTED = "MATTERS_LISTED", _("looked at a list of legal matters")
    MATTER_CHANGED = "MATTER_CHANGED", _("changed a legal matter")
    MATTER_CLOSED = "MATTER_CLOSED", _("closed a legal matter")
    HEARING_ADDED = "HEARING_ADDED", _("added a hearing")
    HEARING_CHANGED = "HEARING_CHANGED", _("changed a hearing")
    HEARING_DONE = "HEARING_DONE", _("recorded how a hearing went")
    DEADLINE_ADDED = "DEADLINE_ADDED", _("added a deadline")
    DEADLINE_CHANGED = "DEADLINE_CHANGED", _("changed a deadline")
    DEADLINE_DONE = "DEADLINE_DONE", _("met a deadline")
    FILING_ADDED = "FILING_ADDED", _("added a filing")
    FILING_CHANGED = "FILING_CHANGED", _("changed a filing")

    # ---- workshops: aftercare and reintegration ----
    SERVICE_RECORDED = "SERVICE_RECORDED", _("recorded a service")
    SERVICE_CHANGED = "SERVICE_CHANGED", _("changed a record of a service")
    STAY_BEGAN = "STAY_BEGAN", _("recorded that a shelter stay began")
    STAY_ENDED = "STAY_ENDED", _("recorded that a shelter stay ended")
    GOAL_SET = "GOAL_SET", _("set a goal")
    GOAL_CHANGED = "GOAL_CHANGED", _("changed a goal")
    GOAL_PROGRESS = "GOAL_PROGRESS", _("recorded progress on a goal")
    FOLLOW_UP_PLANNED = "FOLLOW_UP_PLANNED", _("planned a follow-up")
    FOLLOW_UP_CHANGED = "FOLLOW_UP_CHANGED", _("changed a follow-up")
    FOLLOW_UP_DONE = "FOLLOW_UP_DONE", _("recorded a follow-up")
    NEED_NOTED = "NEED_NOTED", _("wrote down a need")
    NEED_CHANGED = "NEED_CHANGED", _("changed a need")
    NEED_SETTLED = "NEED_SETTLED", _("recorded what became of a need")
    GOAL_PLANNED = "GOAL_PLANNED", _("planned how a goal is to be reached")
    PLAN_WRITTEN = "PLAN_WRITTEN", _("put a plan before a supervisor")
    PLAN_APPROVED = "PLAN_APPROVED", _("approved a plan")
    PLAN_SENT_BACK = "PLAN_SENT_BACK", _("sent a plan back")

    # ---- ledger ----
    LEDGER_READ = "LEDGER_READ", _("read the ledger")
    LEDGER_VERIFIED = "LEDGER_VERIFIED", _("verified the ledger")
    DETAIL_ERASED = "DETAIL_ERASED", _("erased the details of an event")
    LEDGER_EXPORTED = "LEDGER_EXPORTED", _("took a copy of a part of the ledger out of the house")
    HINT_FOUND = "HINT_FOUND", _("found acts that somebody should look at")
    HINT_REVIEWED = "HINT_REVIEWED", _("reviewed a hint")
    FILTER_KEPT = "FILTER_KEPT", _("kept a filter of the ledger, or threw one away")
    CASE_IDENTIFY_ASKED = "CASE_IDENTIFY_ASKED", _("asked which case stands behind an auditor's name")
    CASE_IDENTIFY_DECIDED = "CASE_IDENTIFY_DECIDED", _("decided whether a case is named to somebody")
    CASE_IDENTIFIED = "CASE_IDENTIFIED", _("learned which case stands behind an auditor's name")
    LEDGER_ANCHORED = "LEDGER_ANCHORED", _("sent a head of the ledger to the auditor")
    LEDGER_BUNDLED = "LEDGER_BUNDLED", _("made a bundle of the ledger that can be verified elsewhere")
    EVENTS_PRUNED = "EVENTS_PRUNED", _("pruned events that were kept their time; their leaves stay")

    # ---- engine room and vault ----
    KEY_CREATED = "KEY_CREATED", _("created a key")
    KEY_PROMOTED = "KEY_PROMOTED", _("made a key the one in use")
    KEY_ROTATED = "KEY_ROTATED", _("rotated a key")
    KEY_DESTROYED = "KEY_DESTROYED", _("destroyed a key")
    KEYS_SWEPT = "KEYS_SWEPT", _("swept keys that no case uses")
    KEYSTORE_UNAVAILABLE = "KEYSTORE_UNAVAILABLE", _("found that the key store did not answer")
    SYSTEM_STARTED = "SYSTEM_STARTED", _("started the system")
    CONFIGURATION_CHANGED = "CONFIGURATION_CHANGED", _("changed the configuration")
    MIGRATION_RUN = "MIGRATION_RUN", _("migrated the database")
    BACKUP_MADE = "BACKUP_MADE", _("made a backup")
    BACKUP_RESTORED = "BACKUP_RESTORED", _("restored a backup")
    RESTORE_GAP = "RESTORE_GAP", _("found that a restored ledger ends before heads that have left the house")
    JOB_RUN = "JOB_RUN", _("ran a job")
    JOB_FAILED = "JOB_FAILED", _("ran a job that failed")
    DUE_STAMPED = "DUE_STAMPED", _("sent the notices that were due")
    DEMO_MADE = "DEMO_MADE", _("filled the demo")
    DEMO_SIGN_IN = "DEMO_SIGN_IN", _("signed in as a person of the demo")
    KEYS_REWRAPPED = "KEYS_REWRAPPED", _("wrapped data keys anew")
    KEY_RETIRED = "KEY_RETIRED", _("took a key out of use")
    CASE_KEYS_RENEWED = "CASE_KEYS_RENEWED", _("gave a case new keys")
    ROOT_KEY_CHANGED = "ROOT_KEY_CHANGED", _("changed the root key")
    ROOT_KEY_UNAVAILABLE = "ROOT_KEY_UNAVAILABLE", _("found that the root key could not be used")
    COLUMN_SEALED = "COLUMN_SEALED", _("sealed a column that was plain")
    INDEX_FILLED = "INDEX_FILLED", _("filled a search index")
    INDEX_ROTATED = "INDEX_ROTATED", _("gave a search index a new key")
    INDEX_PLANNED = "INDEX_PLANNED", _("measured what a search index would tell")
    BACKUP_FAILED = "BACKUP_FAILED", _("failed to make a backup")
    RESTORE_DRILLED = "RESTORE_DRILLED", _("proved that a backup can be restored")
    HOUSE_EXPORTED = "HOUSE_EXPORTED", _("copied everything the house owns out of Haven")


class Outcome(models.TextChoices):
    """How it went."""

    OK = "OK", _("Done")
    REFUSED = "REFUSED", _("Refused")
    FAILED = "FAILED", _("Failed")
    ROLLED_BACK = "ROLLED_BACK", _("The page failed after the reading")


#: Somebody opened something of a case: the event must say by which right.
NEEDS_BASIS: frozenset[str] = frozenset(
    {Verb.CASE_VIEWED, Verb.MATTER_VIEWED, Verb.DOCUMENT_DOWNLOADED, Verb.NAME_SHOWN, Verb.NUMBERS_SHOWN}
)

#: What an auditor means by "looked at": readings, as against changes.
READINGS: frozenset[str] = frozenset(
    {
        Verb.CASE_VIEWED,
        Verb.CASES_LISTED,
        Verb.CASES_SEARCHED,
        Verb.NAME_SHOWN,
        Verb.NAMES_SHOWN,
        Verb.NUMBERS_SHOWN,
        Verb.DOCUMENT_DOWNLOADED,
        Verb.HISTORY_VIEWED,
        Verb.SHARING_VIEWED,
        Verb.EXPORT_MADE,
        Verb.HOUSE_EXPORTED,
        Verb.PRINT_MADE,
        Verb.MATTER_VIEWED,
        Verb.MATTERS_LISTED,
        Verb.DISCLOSURE_MADE,
        Verb.PRODUCTION_TAKEN,
        Verb.DISCLOSURES_ACCOUNTED,
        Verb.RETENTION_LISTED,
        Verb.CALLERS_READ,
    }
)

#: Somebody was turned away.
DENIALS: frozenset[str] = frozenset({Verb.ACCESS_REFUSED, Verb.ACCESS_HIDDEN, Verb.DECRYPTION_REFUSED})


def registered(verb: str) -> Verb:
    """The verb of this code. Raises UnknownVerb."""
    try:
        return Verb(verb)
    except ValueError:
        raise UnknownVerb(f"{verb!r} is not in audit.verbs.") from None
