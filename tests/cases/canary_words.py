"""What the walk of the canaries types: words, a long letter, a picture with a place in it."""

import io

from PIL import Image

from tests.cases.canary_guarding import WORDS as GUARDING_WORDS

#: Plainly made up, and in nobody's code: names, places, numbers, words in several scripts. Each is typed, and each is
#: read back on some page, or looking for it would prove nothing.
WORDS = [
    "Zarquella", "Canarywood", "زرقاء الكناري", "Quarrelsome Lane 17", "PO Box Sparrowgate", "+12025550199",
    "canary@quillmoor.example", "A000777000", "QZX0000777000", "the blue kettle whistles twice", "Grünfinkenweg",
    "Interpreter Wrenfield", "Officer Larkspur", "only when the lamp is lit", "Thornbeak", "canary-letter", "Finchley Gate",
    "behind the third linden tree", "quokka on Thursdays", "half a thought about herons", "1987-11-23",
    "Fetch the turquoise ladder", "Visa Nightjarred", "Court of Ospreyholm", "Reply about the gannet", "8 CFR Bitternrule",
    "Form I-Puffinet", "RCPT0Plover77", "a file note on dunlins", "Knotsend Cabs", "fare to Whimbrelton", "Room Godwitty",
    "a stove against the Grebefrost", "seen by the Dipperlamp", "asks at the Fulmarette", "still no word of the Scoterina",
    "to run a bakery of turnstones", "two ovens and a Sanderling", "phalarope for her papers", "not to Aunt Curlewine",
    "the clerk at Plovermere", "her son Wheatearling",
    "he might hear of Linnetsby", "Siskinova", "Register of Firecrestia", "Law Whinchat 413", "REF-Redstartle",
    "Nurse Ptarmigan", "Nuthatcher", "Court of Brambling", "Order Smewson 4", "Yellowhammerdale",
    "Order Dotterel 9", "because of the Lapwingate letter", "stopped by a Whitethroater",
    "hold for Stiltwalk v. Avocetti", "Importina", "Shearwatersen", "Header of Wigeonstead",
    "Bootgrackle", "held by a Sandgrouser", "went well says Oystercatch", "picture-of-a-Jabiruhouse", "Ravenscroft-at-Six",
    "behind the Dunlinette", "as the Bluethroater asked", "well, says Stonechatter", "Shovelerine",
    "the aunt from Godwitham", "amended by Kittiwakers", "sat together at Woodcockery", "ring the Pipitsford school",
    "a second look at the Corncrakery", "the Redpollard cousins",
    "Garganeyson", "keeps a Whinchatter", "took her to Pochardville", "Court of Nightheron",
    "CR-Bluetail-7", "Title Turnstone 1589", "Trial of the Kestreline", "heard it at Sandpiperton",
    "Sergeant Crakeley", "999 Tattlerton", "found the Gadwallet",
    "not the Siskinette office", "two men at Warblerstead", "rang Twitebury", "ask the Dabchickens", *GUARDING_WORDS,
    "a second look at the Corncrakery", "Розалия Зябликова", "Goldcrestina", "wrynecker", "Treepipitan",
    "nobody of Dipperhaven", "PKNOT000333", "Fieldfarer Junia", "an aunt of Whinchatted", "Bramblingford School", *GUARDING_WORDS,
    "a letter from Ouzelmarsh", "a second look at the Corncrakery", "that a judge hears Goldcrestina first",
    "a second look at the Corncrakery", "that a judge hears Goldcrestina first",
    "the page about Avocetbury is too much",
    "Linnetto Zeisig", "in the Stonecurlew hills", "the cousin from Dowitcherby", "Dunnocka of Serinberg",
    "neighbour at Whinchatgate", "+12025550177", "dunnocka@pipitmoor.example", "he reads the Rosefincher phone",
    "my name is not Firefinchova", "the file is with the Court of Oriolegate", "as Dunnockson wrote it", *GUARDING_WORDS,
]  # fmt: skip
#: What is looked for, what the camera wrote into a picture, and what an error quotes: never shown again, never kept.
SOUGHT, CAMERA, QUOTED = "Hoopoelina Rollerson", "Treecreeperton 52.1", "Jacanaroo"
ALL_WORDS = [*WORDS, SOUGHT, CAMERA, QUOTED]
#: More than is kept in memory while it arrives.
LETTER = b"the blue kettle whistles twice\n" * 90_000


def photo() -> bytes:
    """A picture in which the camera noted a place."""
    image, made, details = Image.new("RGB", (300, 200), "white"), io.BytesIO(), Image.Exif()
    details[0x010E] = CAMERA
    image.save(made, "JPEG", exif=details)
    return made.getvalue()


#: Made before anybody listens: the library that draws it says at DEBUG what it writes.
PHOTO = photo()
