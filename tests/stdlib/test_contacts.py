from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path

import pytest
import vobject
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from planc.types import EMAIL_ADDRESS, PHONE_NUMBER
from stdlib_tools.contacts import get_email_address, get_phone_number
from stdlib_tools.errors import ToolError

PEOPLE = """\
BEGIN:VCARD
VERSION:3.0
N:Park;Sidney;Lee;Dr.;
FN:Dr. Sidney Lee Park
NICKNAME:Sid,Parky
TEL;TYPE=HOME,VOICE:+1 (555) 010-0001
TEL;TYPE=WORK:+1 555 010 0002
TEL;TYPE=CELL:+1 555 010 0003
EMAIL;TYPE=WORK:sid@work.example
EMAIL;TYPE=HOME:sid@home.example
END:VCARD
BEGIN:VCARD
VERSION:4.0
FN:Zoë Müller-Østby (Mom)
N:Müller-Østby;Zoë;;;
TEL;VALUE=uri;TYPE="voice,cell":tel:+47-22-33-44-55;ext=7
TEL;VALUE=uri;PREF=1;TYPE="voice,work":tel:+47-22-00-00-00
EMAIL;PREF=2:mailto:zoe.second@x.example
EMAIL;PREF=1:zoe@x.example
END:VCARD
BEGIN:VCARD
VERSION:3.0
N:Osei;Nia;;;
FN:Nia Osei
item1.EMAIL;type=INTERNET;type=pref:nia@x.example
END:VCARD
BEGIN:VCARD
VERSION:3.0
N:Osei;Kofi;;;
FN:Kofi Osei
TEL:12
EMAIL;TYPE=PREF:nonsense
EMAIL:kofi@x.example
END:VCARD
BEGIN:VCARD
VERSION:3.0
N:O\\;Brien\\, Jr;Pat;;;
FN:Pat O’Brien
ORG:Brien\\; Sons;Sales
TEL:555–0199
END:VCARD
BEGIN:VCARD
VERSION:4.0
FN:山田 太郎
EMAIL:taro@x.example
END:VCARD
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLANC_HOME", str(tmp_path))
    folder = tmp_path / "contacts"
    folder.mkdir()
    (folder / "people.vcf").write_text(PEOPLE, encoding="utf-8")
    return folder


def card(name: str, *lines: str) -> str:
    return "\n".join(["BEGIN:VCARD", "VERSION:3.0", f"FN:{name}", *lines, "END:VCARD", ""])


@pytest.mark.parametrize(
    "name",
    [
        "Sidney Park",
        "Sidney Lee Park",
        "park sidney",
        "Park, Sidney",
        "SID",
        "parky",
        "Sidney",
        "Dr. Park",
        "Mr Sidney Park",
        "  sidney\n park ",
        "Sid (brother)",
    ],
)
def test_a_contact_is_found_by_every_form_of_the_name(folder: Path, name: str) -> None:
    assert get_phone_number(name) == "+1 555 010 0003"


@pytest.mark.parametrize(
    "name", ["zoe muller ostby", "Zoë", "Mom", "mom", "Müller", "Zoe (Mom)", "ZOË MÜLLER-ØSTBY"]
)
def test_accents_case_hyphens_and_parentheses_do_not_matter(folder: Path, name: str) -> None:
    assert get_email_address(name) == "zoe@x.example"


@pytest.mark.parametrize("name", ["Pat OBrien", "pat o'brien", "O’Brien"])
def test_apostrophes_do_not_matter(folder: Path, name: str) -> None:
    assert get_phone_number(name) == "555-0199"


@pytest.mark.parametrize("name", ["山田太郎", "太郎 山田"])
def test_names_in_other_scripts_are_found(folder: Path, name: str) -> None:
    assert get_email_address(name) == "taro@x.example"


def test_a_name_in_parentheses_makes_no_namesake_the_only_one(folder: Path) -> None:
    (folder / "b.vcf").write_text(
        card("Chris Lee", "TEL:555 0101") + card("Chris (Plumber)", "TEL:555 0102")
    )
    with pytest.raises(ToolError, match="which one"):
        get_phone_number("Chris")
    assert get_phone_number("plumber") == get_phone_number("Chris (Plumber)") == "555 0102"


@pytest.mark.parametrize(
    ("one", "other"), [("Mrs. Smith", "Mr. Smith"), ("Dr. Weiss", "Weiss"), ("Ann Bo", "Annbo")]
)
def test_a_name_as_it_is_written_is_enough(folder: Path, one: str, other: str) -> None:
    (folder / "B.VCF").write_text(card(one, "TEL:555 0101") + card(other, "TEL:555 0102"))
    assert (get_phone_number(one), get_phone_number(other)) == ("555 0101", "555 0102")


def test_home_comes_before_work_and_the_preferred_before_all(folder: Path) -> None:
    assert get_email_address("Sid") == "sid@home.example"
    assert get_phone_number("Zoë") == "+47-22-00-00-00"
    assert get_email_address("Zoë") == "zoe@x.example"


def test_a_fax_is_the_last_choice(folder: Path) -> None:
    text = card("Fay", "TEL;TYPE=FAX,WORK:555 0001", "TEL:555 0002")
    (folder / "fay.vcf").write_text(text)
    assert get_phone_number("Fay") == "555 0002"


def test_a_value_that_is_no_address_is_passed_over(folder: Path) -> None:
    assert get_email_address("Kofi") == "kofi@x.example"
    with pytest.raises(ToolError, match="Kofi Osei has as phone number cannot be used: '12'"):
        get_phone_number("Kofi")


def test_an_ambiguous_name_names_the_candidates(folder: Path) -> None:
    with pytest.raises(ToolError, match="'Osei' may be Nia Osei or Kofi Osei"):
        get_email_address("Osei")


def test_a_whole_name_wins_over_a_given_name(folder: Path) -> None:
    (folder / "short.vcf").write_text(card("Sidney", "EMAIL:other@x.example"))
    assert get_email_address("Sidney") == "other@x.example"


def test_namesakes_are_told_apart_by_their_addresses(folder: Path) -> None:
    cards = card("Jo Lee", "EMAIL:a@x.example") + card("Jo Lee", "EMAIL:b@x.example")
    (folder / "jo.vcf").write_text(cards)
    with pytest.raises(ToolError, match=r"Jo Lee \(a@x.example\) or Jo Lee \(b@x.example\)"):
        get_email_address("Jo Lee")


def test_a_contact_in_two_files_is_no_ambiguity(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "nia.vcf").write_text(card("Nia Osei", "TEL:555 0100"))
    assert get_phone_number("Nia") == "555 0100"
    assert get_email_address("Nia") == "nia@x.example"


def test_an_unknown_name_gets_the_nearest(folder: Path) -> None:
    with pytest.raises(ToolError, match=r"is called 'Sydney'; did you mean 'Dr\. Sidney"):
        get_email_address("Sydney")


def test_a_missing_value_says_what_the_card_has(folder: Path) -> None:
    with pytest.raises(ToolError, match="Nia Osei has no phone number, only the e-mail address "):
        get_phone_number("Nia")
    (folder / "empty.vcf").write_text(card("Empty Card"))
    with pytest.raises(ToolError, match="no phone number, and no e-mail address either"):
        get_phone_number("Empty Card")


BROKEN = {
    "garbage": b"garbage",
    "cut short": card("Half").removesuffix("END:VCARD\n").encode(),
    "not UTF-8": b"BEGIN:VCARD\nVERSION:3.0\nFN:\xff\xfe\nEND:VCARD\n",
    "not closed": b"END:VCARD\n",
    "NUL": b"\0\0\0",
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_named_unless_another_answers(folder: Path, data: bytes) -> None:
    (folder / "broken.vcf").write_bytes(data)
    assert get_email_address("Nia") == "nia@x.example"
    with pytest.raises(ToolError, match=r"no contact is called 'Half'.*broken\.vcf is broken"):
        get_email_address("Half")


def test_the_cards_before_a_fault_count(folder: Path) -> None:
    (folder / "broken.vcf").write_text(card("Early Bird", "EMAIL:early@x.example") + "rubbish\n")
    assert get_email_address("Early Bird") == "early@x.example"


def test_lines_of_old_exports_are_folded_as_quoted_printable(folder: Path) -> None:
    (folder / "old.vcf").write_text(
        "BEGIN:VCARD\nVERSION:2.1\nN:Rao;Ines;;;\nFN:Ines Rao\n"
        "ADR;HOME;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:;;=4B=C3=B6=6E=69=67=2C=\n=20=48;;;;\n"
        "EMAIL:ines@x.example\nEND:VCARD\n"
    )
    assert get_email_address("Ines Rao") == "ines@x.example"


def test_the_cards_after_a_broken_one_count(folder: Path) -> None:
    (folder / "more.vcf").write_text(
        "BEGIN:VCARD\nVERSION:3.0\nFN:Odo One\nNOTE:a line\nthat is not folded\nEND:VCARD\n"
        "BEGIN:VCARD\nVERSION:3.0\nFN:Odo Two\nEMAIL:two@x.example\nEND:VCARD\n"
    )
    assert get_email_address("Odo Two") == "two@x.example"
    with pytest.raises(ToolError, match=r"Odo One.*more\.vcf is broken"):
        get_email_address("Odo One")


@pytest.mark.parametrize(("there", "asked"), [("रमा", "राम"), ("かとう", "がとう")])
def test_marks_that_tell_names_apart_count(folder: Path, there: str, asked: str) -> None:
    card = f"BEGIN:VCARD\nVERSION:3.0\nFN:{there}\nEMAIL:r@x.example\nEND:VCARD\n"
    (folder / "more.vcf").write_text(card, encoding="utf-8")
    assert get_email_address(there) == "r@x.example"
    with pytest.raises(ToolError, match="no contact"):
        get_email_address(asked)


def test_a_changed_file_is_read_anew(folder: Path) -> None:
    assert get_email_address("Nia") == "nia@x.example"
    (folder / "people.vcf").write_text(card("Nia Osei", "EMAIL:new@x.example"))
    assert get_email_address("Nia") == "new@x.example"


def test_links_out_of_the_folder_and_pipes_are_not_read(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(card("Secret Agent", "EMAIL:agent@x.example"))
    (folder / "link.vcf").symlink_to(tmp_path / "secret")
    (folder / "loop.vcf").symlink_to("loop.vcf")
    os.mkfifo(folder / "pipe.vcf")
    with pytest.raises(ToolError, match=r"link\.vcf.*leads out.*pipe\.vcf.*no regular file"):
        get_email_address("Secret Agent")


def test_no_contacts_at_all_says_where_they_are_expected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANC_HOME", str(tmp_path))
    with pytest.raises(ToolError, match=f"{re.escape(str(tmp_path))}/contacts holds no .vcf file"):
        get_email_address("Sid")


@pytest.mark.parametrize(
    "name", ["", " ", "\0", "()", "..", "x" * 1_000_000, "\ud800", "a/../b", "*", "Dr."]
)
def test_hostile_names_get_a_short_message(folder: Path, name: str) -> None:
    with pytest.raises(ToolError) as caught:
        get_phone_number(name)
    assert len(str(caught.value)) < 500
    assert str(caught.value).isprintable()


def test_files_written_by_vobject_are_read(folder: Path) -> None:
    written = vobject.vCard()
    written.add("n").value = vobject.vcard.Name(family="Grün; Co", given="Åsa, Maria")
    written.add("fn").value = "Åsa, Maria Grün; Co"
    written.add("tel").value = "+46 8 123 456"
    (folder / "vobject.vcf").write_text(written.serialize(), encoding="utf-8", newline="")
    assert get_phone_number("Asa Maria Grun Co") == "+46 8 123 456"
    assert get_phone_number("Åsa, Maria") == "+46 8 123 456"


@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)
@given(data=st.text(max_size=200), name=st.text(max_size=30))
def test_no_file_and_no_name_brings_anything_but_a_good_value_or_an_error(
    folder: Path, data: str, name: str
) -> None:
    lines = f"TEL:{data}\nEMAIL:{data}\nN:{data}\nNICKNAME:{name}"
    text = card(name, lines).encode("utf-8", "replace")
    (folder / "any.vcf").write_bytes(text)
    for look_up, of in ((get_phone_number, PHONE_NUMBER), (get_email_address, EMAIL_ADDRESS)):
        try:
            assert of.accepts(look_up(name))
        except ToolError as error:
            assert not {unicodedata.category(char) for char in str(error)} & {"Cc", "Cs"}
