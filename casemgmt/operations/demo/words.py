"""What the people of the demo write down: facts, services and plans, as a careful caseworker would, and no story of harm."""

from cases.choices.safety import SafetyTopic
from services.choices import GoalArea, Mode, ServiceOutcome, ServiceType

# fmt: off
ENGAGING: tuple[str, ...] = (
    "Came with a friend. Chose the small room by the garden. Agreed on a first plan for the week: sleep, a phone, a doctor.",
    "Asked what we write down and who reads it. Went through it together with the interpreter. Would like to decide about photographs later.",
    "Second meeting. Brought two bags, everything there is. We listed what is missing: winter shoes, glasses, the medicine from the pharmacy.",
    "Talked about the next days only, as agreed. Wants nobody to call the family before we have spoken again.",
    "Long silence at the beginning, then many questions about papers. Wrote them on a list that stays here until the attorney has time.",
    "Walked together to the market and back, so that the way is known. Felt safer without the bus.",
    "Explained again that help does not depend on speaking with the police. Relieved; wants to think about it for some weeks.",
    "Interpreter was late; we used the time for tea and the form for the health card. Prefers to have the same interpreter from now on.",
    "First week went well. Slept four nights through. The ring tone is still frightening, so the phone stays on silent at night.",
    "Asked for work at once. Agreed to wait for the permit and to begin with the language class.",
    "Decided on a code word for the telephone. It is known to the two of us and to the house.",
    "Came by without appointment, worried about a message from an unknown number. Kept a picture of it, blocked the number, no answer sent.",
)
STABILISING: tuple[str, ...] = (
    "Weekly meeting. Counselling helps; would like to keep the Thursday. The class is full until next month.",
    "Went through the letters that have come. Two can wait, one needs an answer by Friday and we wrote it together.",
    "Bank appointment: an account of one's own is open. A proud day.",
    "Nights are better. Still tired in the mornings; the doctor suggests a later class.",
    "Cooked for the house on Sunday. Says that it was the first time in years that a kitchen was a good place.",
    "Spoke with the sister for an hour, from our phone. No places, no names of streets, as agreed.",
    "The health card has come. Eye test booked; the glasses are paid from the emergency fund.",
    "Difficult week after the hearing was moved. We made the days smaller: one walk, one letter, one call.",
    "Wants to move nearer to the class in spring. Looked at what a room costs and what the programme can carry.",
    "Met at the library, quiet corner. Registered for a card; the computer there is safer than the phone.",
    "Reviewed the plan for the month. Three of five points are done. The driving theory is a wish for later.",
    "Someone from the old workplace was seen near the station. Changed the way to class; the house knows.",
    "Asked to pause the meetings for two weeks. Agreed on a text on both Mondays, one word is enough.",
    "Back after the pause, rested. Wants to go on every second week.",
)
DURING_LEGAL: tuple[str, ...] = (
    "Prepared for the meeting with the attorney: what to bring, how long it takes, that every pause is allowed.",
    "After the meeting: tired and content. The attorney asked for two dates to be checked; we look at the calendar of that year together.",
    "Collected the pay slips that were kept in the old coat. Copied, originals back to their owner.",
    "Letter from the agency came, two pages. Read it aloud with the interpreter; nothing has to be done this week.",
    "Asked whether the other side will be in the room. Attorney says no. Wrote that down in large letters, on request.",
    "Photographs for the application taken. Chose the one with the blue scarf.",
    "Went to see the building beforehand, which door, which stairs, where one can sit down.",
    "The statement is with the attorney now; it will not be told again here. We speak about the coming weeks instead.",
    "Fingerprints done. The officer was kind, the interpreter on time. Ice cream afterwards.",
    "Waiting is the hard part. Agreed to speak about the application only on first Mondays.",
    "The consulate answered: a new passport is possible without the old one. Appointment asked for.",
    "Worried about the cousin's visa. That is another matter; the attorney will say whom to ask.",
)
REINTEGRATING: tuple[str, ...] = (
    "First pay. Half is for the room, a part for the course, the rest is not our business.",
    "Signed the lease, one room and a kitchen, own key. We went through every page with the interpreter.",
    "The certificate of the language class has come: B1. Framed.",
    "Works four days a week now. The supervisor there is fair; breaks are kept.",
    "Joined the choir of the neighbourhood. Thursdays are taken.",
    "Went alone to the parents' evening for the first time and understood nearly everything.",
    "Wants fewer meetings: once a month, by phone. A good sign for both of us.",
    "Bicycle bought second-hand. The way to work takes eleven minutes.",
    "Asked about becoming a peer mentor. The group begins in autumn.",
    "A hard week: the anniversary. Knew the signs, called the counsellor, then called us.",
    "Budget for the quarter made together. The savings goal moves to next year, and that is all right.",
    "Filled in the tax form without help. Asked for it to be written down here, with the date.",
    "Talked about closing the case some day. Not yet; but it can be said aloud now.",
)
FOLLOWING: tuple[str, ...] = (
    "Called at the agreed hour. Works, sleeps, sings. Nothing needed.",
    "Short call. The lease was extended by a year.",
    "Came by to show the certificate. Stayed for coffee.",
    "Call as planned. A question about the renewal of the permit went on to the attorney.",
    "Moved to a larger room with a friend. The number stays the same.",
    "Wrote that all is well, and asked how the garden is doing.",
)
SAFETY: tuple[str, ...] = (
    "Went through the plan: exits, numbers by heart, the neighbour with the dog. The bag is packed and at the neighbour's.",
    "The old account was opened from another device. Passwords changed from the library, location turned off, second step on.",
    "No contact for three months. The route to class stays as it is; we look again in four weeks.",
    "A car was seen twice in the street. The number is with the liaison officer. Curtains, side door, call before coming home.",
    "Practised the code word on the phone. It works for the house, too.",
    "Feels safe at work and on the way, less so at the station in the evening. Takes the earlier train now.",
    "The protection order was served. A copy is here, one at work, none in the bag.",
    "Own view of the danger: four of ten; in the first weeks it was eight.",
)
TOGETHER: tuple[str, ...] = (
    "Case talk in the team. The pace is right; nothing is missing this month.",
    "Looked at the plan with the caseworker. The next review is in six weeks.",
    "Interpreter confirmed for all Tuesdays of this quarter.",
    "Please call before visits; the bell does not work.",
)
THERAPY: tuple[str, ...] = (
    "Session attended, on time. Continued as planned. Next week same hour.",
    "Session attended. Grounding exercise taken home. No change to the plan.",
    "Session by video. Connection held. Agreed on a shorter hour while the course lasts.",
    "Cancelled the day before, new appointment made. No concern.",
    "Session attended. We looked back on the first months; chose what to keep working on.",
    "Session attended. Sleep improved. Reviewed every six sessions, next in two.",
)
HEALTH: tuple[str, ...] = (
    "Physical check: results explained with interpreter. Vitamin D for three months, control after.",
    "Dentist: two fillings planned, one done. Pain gone.",
    "Vaccinations brought up to date. Card handed over.",
    "Glasses fitted. Headaches should lessen; ask again in a month.",
    "Back pain: physiotherapy prescribed, six times. First one on Monday.",
)
HOUSE: tuple[str, ...] = (
    "Moved in without trouble. Shown the kitchen, the side door and the quiet room. Key handed over.",
    "Quiet night. Breakfast with the others.",
    "Asked for the room at the back, away from the street. Changed on the same day.",
    "Back at 21:40, called before, as agreed.",
    "Heating in the room repaired. The technician was announced and accompanied.",
    "Took over the plants on the stairs.",
    "Visitor's rule explained again: nobody at the house, meetings at the office.",
    "Helped the new resident with the washing machine and the city map.",
    "Did not sleep well; sat in the kitchen with the night shift until three. Wants to be left to sleep until ten.",
    "House meeting: would like a shelf that can be locked. Ordered.",
)
COUNSEL: tuple[str, ...] = (
    "Met with client, interpreter present, no third person. Explained the scope and what we will not ask. Retainer signed.",
    "Reviewed the chronology. Two dates open. Client will look at photographs of that year; no contact with former co-workers.",
    "Discussed whether to ask the agency for a declaration. Client wants to decide after the holidays.",
    "Draft of the declaration read back in the client's language. Changes marked. Next: final read, then signature.",
    "Receipt explained, and what the waiting time means. Work permit follows separately.",
    "Prepared for the interview: who is in the room, that breaks are allowed, what happens after.",
)

#: (type, quantity, by whom, remark, how, how it went)
Help = tuple[str, str, str, str, str, str]
_GIVEN, _PART, _MISSED = ServiceOutcome.PROVIDED, ServiceOutcome.PARTIAL, ServiceOutcome.NO_SHOW
_CANCELLED, _NONE = ServiceOutcome.CANCELLED_BY_CLIENT, ServiceOutcome.UNAVAILABLE
_HERE, _PHONE, _VIDEO, _OUT = Mode.IN_PERSON, Mode.PHONE, Mode.VIDEO, Mode.FIELD
_T = ServiceType

COUNSELLING: Help = (_T.MH_INDIV, "1", "Clinic", "", _HERE, _GIVEN)
WITH_INTERPRETER: Help = (_T.INTERPRET, "90", "Harbour interpreters (demo)", "For the attorney's meeting.", _HERE, _GIVEN)
CLASS: Help = (_T.EDUCATION, "12", "Evening school (demo)", "Language class, A2.", _HERE, _GIVEN)
HELP_FIRST: tuple[Help, ...] = (
    (_T.CRISIS_INTERV, "90", "", "First talk, plan for three days.", _HERE, _GIVEN),
    (_T.BASIC_NEEDS, "3", "Clothing room (demo)", "Winter coat, shoes, toiletries.", _HERE, _GIVEN),
    (_T.BASIC_NEEDS, "1", "Clothing room (demo)", "Telephone with a new card.", _HERE, _GIVEN),
    (_T.TRANSPORT, "2", "", "Taxi to the clinic and back.", _OUT, _GIVEN),
    (_T.INTERPRET, "60", "Harbour interpreters (demo)", "", _HERE, _GIVEN),
    (_T.MEDICAL, "1", "Old Mill Clinic (demo)", "First check, accompanied.", _OUT, _GIVEN),
    (_T.EMERG_FINANCIAL, "1", "", "From the emergency fund.", _HERE, _GIVEN),
    (_T.SAFETY_PLAN, "1", "", "", _HERE, _GIVEN),
)
HELP_THEN: tuple[Help, ...] = (
    (_T.CASE_MGMT, "45", "", "", _HERE, _GIVEN),
    (_T.CASE_MGMT, "30", "", "", _PHONE, _GIVEN),
    (_T.MH_INDIV, "1", "Clinic", "", _HERE, _GIVEN),
    (_T.MH_INDIV, "1", "Clinic", "", _HERE, _MISSED),
    (_T.INTERPRET, "90", "Harbour interpreters (demo)", "For the attorney's meeting.", _HERE, _GIVEN),
    (_T.ID_DOCS, "1", "", "Request to the consulate.", _OUT, _GIVEN),
    (_T.BENEFITS, "60", "", "Application filled in together.", _HERE, _PART),
    (_T.LEGAL_ACCOMP, "1", "", "Fingerprints; support person in the waiting room.", _OUT, _GIVEN),
    (_T.PEER_SUPPORT, "120", "Thursday group (demo)", "", _HERE, _GIVEN),
    (_T.CHILDCARE, "3", "Little Anchor day nursery (demo)", "During the attorney's meeting.", _OUT, _GIVEN),
    (_T.TRANSPORT, "1", "", "", _OUT, _GIVEN),
    (_T.MEDICAL, "1", "Old Mill Clinic (demo)", "Control visit.", _OUT, _CANCELLED),
    (_T.EDUCATION, "6", "Evening school (demo)", "Language class, A2.", _HERE, _GIVEN),
)
HELP_LATER: tuple[Help, ...] = (
    (_T.EMPLOYMENT, "2", "", "Letter of application, practice interview.", _HERE, _GIVEN),
    (_T.EDUCATION, "12", "Evening school (demo)", "Language class, B1.", _HERE, _GIVEN),
    (_T.HOUSING_RENTAL, "1", "", "First month's rent.", _HERE, _GIVEN),
    (_T.LIFE_SKILLS, "2", "", "Budget for the quarter.", _HERE, _GIVEN),
    (_T.VOCATIONAL, "20", "Kitchen school (demo)", "First module of four.", _HERE, _GIVEN),
    (_T.CASE_MGMT, "30", "", "", _VIDEO, _GIVEN),
    (_T.FAMILY_SVC, "1", "", "Call with the family, prepared and looked back on.", _HERE, _GIVEN),
    (_T.PEER_SUPPORT, "90", "Thursday group (demo)", "", _HERE, _GIVEN),
    (_T.HOUSING_RENTAL, "1", "", "Deposit asked for; the fund is used up until July.", _HERE, _NONE),
    (_T.SHELTER_TRANS, "30", "", "Room in the shared flat.", _HERE, _GIVEN),
)

#: What had to be done and was.
TASKS_FIRST: tuple[str, ...] = (
    "Book an interpreter for the next two weeks", "Get a phone card", "Ask the clinic for a first appointment",
    "Send the form for the health card", "Find out where the passport is",
)  # fmt: skip
TASKS_THEN: tuple[str, ...] = (
    "Call the consulate about a new passport", "Send the school's form back", "Ask the attorney which dates are open",
    "Confirm childcare for the hearing", "Renew the bus ticket", "Answer the benefits office", "Copy the pay slips",
    "Book the interpreter for the clinic",
)  # fmt: skip
TASKS_LATER: tuple[str, ...] = (
    "Look through the lease together", "Write a reference for the landlord", "Ask the kitchen school about the next course",
    "Prepare the review of the plan", "Remind of the tax form", "Ask about the peer mentors' group",
)  # fmt: skip

#: (her words, area, how it came on)
GOALS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Speak well enough to need no interpreter at the doctor's", GoalArea.EDUCATION,
     ("A2 begun.", "A2 passed.", "Went to the dentist alone.", "Done, and proud.")),
    ("A room with my own key", GoalArea.HOUSING,
     ("On three waiting lists.", "Saw two rooms.", "Lease signed.", "Moved in.")),
    ("Work in a kitchen where breaks are kept", GoalArea.LIVELIHOOD,
     ("Practice day at the kitchen school.", "First module passed.", "Trial week.", "Contract for a year.")),
    ("Save one month's rent", GoalArea.FINANCIAL,
     ("Account opened.", "A third is there.", "Two thirds.", "Saved.")),
    ("Papers that nobody can take away", GoalArea.LEGAL,
     ("Consulate written to.", "Appointment given.", "New passport here.", "Copies in a safe place.")),
    ("Sleep through the night", GoalArea.HEALTH,
     ("Three nights a week.", "Five nights.", "Most nights.", "It is not a topic any more.")),
    ("Call my mother every Sunday without fear", GoalArea.FAMILY,
     ("From our phone.", "From a phone of my own.", "Video, with the children.", "Every Sunday.")),
    ("Learn to swim", GoalArea.SOCIAL,
     ("Found a quiet course.", "Feet on the ground, head under water.", "One length.", "Bronze badge.")),
    ("Finish school", GoalArea.EDUCATION,
     ("Certificates sent for.", "Placed in year eleven.", "Half-year report is good.", "Diploma.")),
    ("Bring my son here", GoalArea.FAMILY,
     ("Spoke with the attorney.", "Application made.", "Interview abroad done.", "He has arrived.")),
    ("Sing in public again", GoalArea.SOCIAL,
     ("First rehearsal.", "Every Thursday.", "Concert in the park.", "Two concerts.")),
    ("Understand every letter I get", GoalArea.LIVELIHOOD,
     ("We read all together.", "Read first, asked after.", "Asked once a month.", "Read alone.")),
)
# fmt: on

RISK_HIGH: tuple[str, ...] = (
    "Left without a word four days ago; somebody is looking. Phone was shared until yesterday.",
    "Threats by message in the last week. The address of the class is known to the other side, ours is not.",
    "Debt is still being asked for, from the family, too. Nobody knows about this house.",
    "Person of concern works in the same quarter. Safe here, not safe at the market.",
    "Papers are in other hands. No contact since the day of leaving; that can change.",
)
RISK_LESS: tuple[str, ...] = (
    "No contact for a month. New number, new way to class, sleep is better.",
    "Order in force, nobody seen. We keep the code word and look again as planned.",
    "Own account, own key, accompanied only on days at court.",
    "Person of concern has moved away, as the liaison officer confirmed.",
    "Quiet since the summer. Worries are about papers now, not about people.",
)
PLAN: dict[str, tuple[str, ...]] = {
    SafetyTopic.WARNING_SIGNS: ("Unknown number twice in a row. A white van. Cousin asks where I am.", "Somebody knows my new class."),
    SafetyTopic.SAFE_PLACES: ("Library, upper floor. The bakery next to it; they know.", "Reception of the clinic, at any hour."),
    SafetyTopic.GO_BAG: ("Packed: papers, medicine, charger, one photo. It is not at home.", "Copy of the card, keys, forty in coins."),
    SafetyTopic.NUMBERS: ("Emergency, the house, my caseworker: by heart.", "Two numbers by heart, none in the phone."),
    SafetyTopic.SAFE_WORDS: ("“The bread is cold” means: call at once. “The bread is good” means: all is well.", "“Aunt is coming”: come and fetch me."),
    SafetyTopic.TRUSTED_PEOPLE: ("The neighbour with the dog.", "The teacher of the evening class."),
    SafetyTopic.TRAVEL: ("Never the last bus. Change the stop every week.", "With a colleague until winter."),
    SafetyTopic.TECHNOLOGY: ("Location off. New account, made at the library. No photographs with a street.", "Phone stays silent; nothing opens by itself."),
    SafetyTopic.COURT_DAY: ("Side entrance, with support. Somebody waits at the bus.", "Taxi both ways; booked by the office."),
    SafetyTopic.IF_CONTACTED: ("No answer. Picture, block, tell us.", "Leave the shop, go to the library, call."),
}  # fmt: skip

#: A goal in her words, its area, how it is seen to be reached, the next step, and a step that comes again.
PLANS = (
    ("A room that I can lock", "HOUSING", "Her name stands at a door of her own", "Apply for the two rooms on the list", "Look at new rooms together"),
    ("To sleep through the night", "HEALTH", "Five nights in a week", "Ask the clinic about evening hours", "Ask her how the nights are"),
    ("To read what I sign", "EDUCATION", "She reads a letter and says what it wants", "Enrol for the evening class", "Read one letter together"),
    ("Work where my papers stay mine", "LIVELIHOOD", "A contract that she has read", "See the job adviser together", "Look through new offers"),
    ("To call home without fear", "FAMILY", "A call a week that she chooses", "Agree on a number and an hour", "Ask how the call went"),
    ("Money for three months", "FINANCIAL", "The account shows it", "Open an account in her name", "Look at the savings plan"),
)  # fmt: skip
