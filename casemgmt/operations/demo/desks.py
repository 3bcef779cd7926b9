"""What lies on the desks today: tasks that are late, due now, or coming."""

#: What is to be done: key → (planned days ago, due in minus days, what, by whom, for whom). "" is the case's worker.
COMING: dict[str, tuple[tuple[int, int, str, str, str], ...]] = {
    "moonrock": ((9, -9, "Prepare the twelve-month call", "", ""),),
    "skystream": ((6, -4, "Ask the evening school about B2", "", ""),),
    "quietwater": ((12, 3, "Answer the benefits office", "", ""), (2, -6, "Bring the tax form to the library", "", "")),
    "softrain": ((8, 1, "Call the consulate about the new passport", "", ""), (4, -10, "Talk about renewing the release", "", "")),
    "thyme": ((5, -5, "Book the small room and the interpreter", "", ""), (3, -2, "Read the new risk note", "", "bea")),
    "seawind": ((4, -3, "Look through the lease together", "", ""),),
    "cane": ((3, 0, "Message before 12:00: is Thursday possible?", "", ""), (2, -7, "Confirm interpreter for reading the declaration", "", ""),
             (5, -12, "Go to the photographer together", "", "")),
    "goodwater": ((3, -2, "Ask the clinic for an earlier hour", "", ""), (6, -1, "Vitamin D: control", "gita", "")),
    "dew": ((2, 0, "Take the work permit form along to the house", "", ""), (4, -8, "Write to the landlord of the shared flat", "", "")),
    "cloud": ((1, 0, "Ask the house about Monday's visit", "", ""), (2, 0, "Order the shelf that locks", "jonas", "")),
    "clearmoon": ((1, -1, "Read her e-mail after the library opens", "", ""), (3, -4, "First appointment at the clinic", "", "")),
    "waterlily": ((1, -2, "Be at the desk when she comes by", "", ""), (1, -5, "Talk about consent when she asks", "", "")),
    "greenlight": ((5, -3, "Look for a place at the evening school", "", ""), (1, -1, "Show the fire stairs again", "jonas", "")),
    "marigold": ((4, 0, "Wednesday at school: counsellor's room", "", ""),),
    "nightsky": ((6, 2, "Ask the court for a copy of the order", "", ""), (3, -4, "Session moved: confirm", "gita", "")),
    "clearriver": ((5, -2, "Copy the pay slips", "", ""),),
    "dawnlight": ((7, 1, "Book an interpreter for the interview", "", ""), (6, -9, "Practise the way to the agency", "", "")),
    "raincreek": ((3, 0, "Ask about the forklift course", "", ""),),
    "firefly": ((2, -1, "Send the school's form back", "", ""),),
    "jasmine": ((2, 0, "Bring the health card to the house", "", ""), (1, -6, "First talk with the attorney", "", "")),
    "breezesong": ((2, -3, "Find an interpreter for K’iche’", "", ""),),
    "breezecloud": ((4, -5, "Send the certificates to the court", "", ""),),
    "blueriver": ((3, -1, "Fetch the parcel of clothes", "", ""), (2, -3, "Change the bulb in room 6", "jonas", "")),
}  # fmt: skip
