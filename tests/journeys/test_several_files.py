"""Several files at once in the browser: each shows how it went, and one that cannot be kept keeps none of the others away."""

import re

from .conftest import Office
from .test_when_things_go_wrong import opens_a_case

LETTER, PROGRAM = b"A letter.\n", b"MZ\x90\x00" + bytes(200)


def chosen(**files: bytes) -> list[dict[str, object]]:
    return [
        {"name": name.replace("_", "."), "mimeType": "text/plain", "buffer": content} for name, content in files.items()
    ]


def test_each_file_says_how_it_went(office: Office) -> None:
    amina = office.desk("amina")
    case = opens_a_case(amina)
    amina.goes_to(f"{case}documents/")
    page = amina.page
    page.get_by_label("What it is").select_option(label="Letter")
    files = page.get_by_label("Files", exact=True)
    files.set_input_files(chosen(one_txt=LETTER, run_exe=PROGRAM, two_txt=LETTER + b"2"))
    page.get_by_role("button", name="Keep the document").click()
    amina.sees("2 of 3 files are kept.").sees("Haven does not keep files of this type.")
    rows = page.get_by_role("main").locator("form li").filter(has_text=re.compile(r"(one|two)\.txt|run\.exe"))
    assert rows.count() == 3
    amina.follows("Go on with what is kept").sees("one.txt").sees("two.txt")
    assert page.get_by_text("run.exe").count() == 0
