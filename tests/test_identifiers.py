"""Identifiers: what they are taken from, and that they are not made up."""

from __future__ import annotations

import pytest

from planc.decode.closing import Closer
from planc.decode.grammar import Scope, statement_grammar
from planc.decode.identifiers import Identifiers, identifies, stated, words
from planc.decode.retrieve import Ranking, relevant
from planc.tools import Parameter, Tool, ToolSet
from planc.types import EMAIL_ADDRESS, FLOAT, INT, NONE, STR, ListOf, Record, RecordField, Type


def record(**fields: Type) -> Record:
    return Record(tuple(RecordField(name, of) for name, of in fields.items()))


def reads(name: str, result: Type, *required: str, of: Type = STR) -> Tool:
    return Tool(name, "", tuple(Parameter(one, of) for one in required), result, "read")


def accepts(text: str, tools: ToolSet, request: str = "", /, **variables: Type) -> bool:
    """Whether a statement may be written with these variables in scope."""
    grammar = statement_grammar(tools.values(), Scope(variables, request))
    return Closer(grammar).shortest(f"{text}\n".encode()) == b""


def test_names_have_words_however_they_are_written() -> None:
    assert words("locationId") == words("location_id") == words("LOCATION-ID") == ["location", "id"]
    assert words("userIDs") == ["user", "ids"]
    found = [
        one for one in ("id", "Ids", "hotelID", "paid", "grid", "id_type", "") if identifies(one)
    ]
    assert found == ["id", "Ids", "hotelID"]


@pytest.mark.parametrize(
    ("request_", "found"),
    [
        ("Cancel order 17 and BLUE-7.", ["17", "BLUE-7"]),
        ("Ticket id: abc, and the id of user x_y; sku pen", ["abc", "user", "x_y", "pen"]),
        ("cancel #A-42, 'my list' and \"b\"", ["#A-42", "A-42", "my list", "b"]),
        ("orders 114-39 and 2026/7, 3.14159", ["114-39", "2026/7", "2026", "7", "3.14159"]),
        ("the version v1.2. At 12:30 on 2026-11-27, for 3.5 hours or 1/2, the 1st", ["v1.2"]),
        (
            "order_id:42, order no.43, https://shop.example/o/44",
            [
                "order_id:42",
                "order_id",
                "42",
                "no.43",
                "43",
                "https://shop.example/o/44",
                "44",
            ],
        ),
        (
            "mail bob@example.com and @al in #general",
            [
                "bob@example.com",
                "@al",
                "al",
                "#general",
                "general",
            ],
        ),
        (
            "user_id=alice of PROJ-ABC, a self-driving car",
            ["user_id=alice", "user_id", "alice", "PROJ-ABC"],
        ),
        ("Order SKU-123, cancel ID-17", ["SKU-123", "123", "ID-17", "17"]),
        ("Don't ship order 4711 to my parents' house", ["4711"]),
        ('the 6" pipe with sku P17, and the 8" one', ["6", "P17", "8"]),
        ("Cancel 'order 4711'", ["order 4711", "4711"]),
        ("Compare skus pen, cup, and ball", ["pen", "cup", "ball"]),
        ("Find a hotel in New York", []),
        ("", []),
    ],
)
def test_what_a_request_states_as_an_identifier(request_: str, found: list[str]) -> None:
    assert stated(request_) == found


PLACES = ToolSet(
    [
        reads("find_place", record(location_id=STR, name=STR, kind=STR), "query"),
        reads("hotels", ListOf(record(name=STR, price=INT)), "locationId"),
    ]
)


def test_an_identifier_that_a_tool_finds_is_not_made_up() -> None:
    place = PLACES["find_place"].result
    assert not accepts('hotels(locationId="Rome")', PLACES, "Hotels in Rome")
    assert not accepts('hotels(locationId="7")', PLACES, "Hotels in Rome")
    assert accepts('hotels(locationId="IT-7")', PLACES, "Hotels in place IT-7")
    assert accepts("hotels(locationId=place.location_id)", PLACES, place=place)
    assert not accepts("hotels(locationId=place.name)", PLACES, place=place)
    assert not accepts('hotels(locationId=f"{place.name}")', PLACES, place=place)
    assert not accepts("hotels(locationId=other.name)", PLACES, other=record(name=STR, id_type=STR))
    assert accepts("hotels(locationId=code)", PLACES, code=STR)


def test_each_variable_gives_what_it_has() -> None:
    one, other = record(location_id=STR, name=STR), record(id=STR, name=STR)
    assert accepts("hotels(locationId=one.location_id)", PLACES, one=one, other=other)
    assert accepts("hotels(locationId=other.id)", PLACES, one=one, other=other)


def test_without_a_tool_that_finds_it_an_identifier_may_be_any_text() -> None:
    alone = ToolSet([PLACES["hotels"]])
    assert accepts('hotels(locationId="Rome")', alone, "Hotels in Rome")


def test_a_number_goes_where_a_text_is_asked_as_its_text() -> None:
    tools = ToolSet(
        [
            reads("find_product", record(product_id=FLOAT, price=FLOAT), "q"),
            reads("reviews", ListOf(STR), "product_id"),
        ]
    )
    pen = tools["find_product"].result
    assert accepts('reviews(product_id=f"{pen.product_id}")', tools, pen=pen)
    assert not accepts('reviews(product_id=f"{pen.price}")', tools, pen=pen)
    assert not accepts('reviews(product_id=f"x{pen.product_id}")', tools, pen=pen)


def test_numbers_that_identify_are_those_of_the_request() -> None:
    tools = ToolSet(
        [
            reads("list_orders", ListOf(record(id=INT, total=INT)), "customer"),
            Tool("cancel_order", "", (Parameter("id", INT),), NONE, "write"),
        ]
    )
    assert accepts("cancel_order(id=17)", tools, "Cancel order 17")
    assert not accepts("cancel_order(id=18)", tools, "Cancel order 17")
    assert not accepts("cancel_order(id=1)", tools, "Cancel my last order")
    orders = tools["list_orders"].result
    assert accepts("cancel_order(id=orders[-1].id)", tools, "Cancel the last", orders=orders)
    assert not accepts("cancel_order(id=orders[-1].total)", tools, orders=orders)


@pytest.mark.parametrize(
    ("finder", "field", "taker", "parameter", "found"),
    [
        # a field of the name, or of its last two words
        ("find", "hotel_id", "rate", "hotelId", True),
        ("find", "google_place_id", "rate", "drop_off_place_id", True),
        ("find", "user_id", "rate", "hotel_id", False),
        # the `id` of what the parameter or the tool is about
        ("find_hotels", "id", "rate", "hotel_id", True),
        ("find_users", "id", "rate", "hotel_id", False),
        ("find_hotels", "id", "rate_hotel", "id", True),
        ("find", "hotel_id", "rate_hotel", "id", True),
        ("find_hotels", "id", "rate_film", "id", False),
        # one that is of one kind of thing only
        ("find", "sku", "order", "item_sku", True),
        ("find", "isbn", "order", "sku", False),
    ],
)
def test_which_tool_finds_an_identifier(
    finder: str, field: str, taker: str, parameter: str, found: bool
) -> None:
    tools = [reads(finder, ListOf(record(**{field: STR})), "q"), reads(taker, STR, parameter)]
    assert Identifiers(tools).found(parameter, STR, tools[1]) == found
    assert not Identifiers(tools).found(parameter, INT, tools[1])


def test_an_identifier_of_a_record_s_kind_is_found() -> None:
    product = Record((RecordField("id", STR),), "Product")
    tools = [reads("search", ListOf(product), "q"), reads("reviews", STR, "product_id")]
    assert Identifiers(tools).found("product_id", STR, tools[1])


def test_a_tool_that_lists_all_there_are_finds_none() -> None:
    page = (Parameter("limit", INT, required=False),)
    drinks = Tool("list_drinks", "", page, ListOf(record(id=STR, name=STR)), "read")
    tools = ToolSet([drinks, reads("order", STR, "drink_id")])
    assert accepts('order(drink_id="latte")', tools, "Order a latte")
    assert accepts("order(drink_id=drinks[0].id)", tools, drinks=drinks.result)
    assert not accepts("order(drink_id=drinks[0].name)", tools, drinks=drinks.result)


def test_what_is_made_anew_gets_any_identifier() -> None:
    find = reads("find_users", ListOf(record(id=STR)), "name")
    create = reads("create_user", NONE, "id")
    order = reads("create_order", NONE, "user_id")
    known = Identifiers([find, create, order])
    assert not known.found("id", STR, create)
    assert known.found("user_id", STR, order)
    of_a_user = [
        reads(f"{verb}_user_{of}", NONE, "user_id")
        for verb, of in (("add", "role"), ("create", "order"))
    ]
    for tool in of_a_user:
        assert Identifiers([find, tool]).found("user_id", STR, tool)
    prefixed = reads("shop.create_user", NONE, "id")
    assert not Identifiers([find, prefixed]).found("id", STR, prefixed)


def test_an_identifier_is_not_found_by_making_or_changing_something() -> None:
    order = Tool("create_order", "", (Parameter("item", STR),), record(order_id=STR))
    place = Tool("place_order", "", (Parameter("item", STR),), record(order_id=STR))
    cancel = reads("cancel_order", NONE, "order_id")
    assert not Identifiers([order, place, cancel]).found("order_id", STR, cancel)
    reserve = Tool("shop.reserve_order", "", (Parameter("item", STR),), record(order_id=STR))
    assert not Identifiers([reserve, cancel]).found("order_id", STR, cancel)
    unsaid = Tool("find_order", "", (Parameter("item", STR),), record(order_id=STR))
    assert Identifiers([unsaid, cancel]).found("order_id", STR, cancel)


def test_what_is_added_to_something_is_there_already() -> None:
    find = reads("find_product", record(product_id=STR), "q")
    add = reads("add_product_to_cart", NONE, "product_id")
    assert Identifiers([find, add]).found("product_id", STR, add)


def test_a_record_of_what_is_made_anew_gets_any_identifier() -> None:
    find = reads("find_products", ListOf(record(sku=STR, name=STR)), "q")
    create = Tool("create_product", "", (Parameter("product", record(sku=STR)),), NONE)
    ship = Tool("ship", "", (Parameter("line", record(sku=STR)),), NONE)
    tools = ToolSet([find, create, ship])
    assert accepts('create_product(product={"sku": "red"})', tools)
    assert not accepts('ship(line={"sku": "red"})', tools)
    found = reads("find_goods", ListOf(record(good_id=STR, name=STR)), "q")
    lines = ListOf(record(good_id=STR, order_id=STR))
    order = Tool("create_order", "", (Parameter("lines", lines),), NONE)
    tools = ToolSet([found, order, reads("find_order", record(order_id=STR), "q")])
    assert not accepts('create_order(lines=[{"good_id": "red", "order_id": "new"}])', tools)
    known = 'create_order(lines=[{"good_id": goods[0].good_id, "order_id": "new"}])'
    assert accepts(known, tools, goods=found.result)


def test_words_that_name_nothing_link_no_tools() -> None:
    pets = reads("find_pets_by_status", ListOf(record(id=STR)), "status")
    film = reads("delete_film_by_title", NONE, "id")
    assert not Identifiers([pets, film]).found("id", STR, film)
    prefixed = [reads(f"acme_{one}", ListOf(record(id=STR)), "q") for one in "abcd"]
    close = reads("close_acme_ticket", NONE, "id")
    assert not Identifiers([*prefixed, close]).found("id", STR, close)


def test_a_tool_that_lacks_an_address_finds_nothing() -> None:
    finder = Tool(
        "find_user", "", (Parameter("email", EMAIL_ADDRESS),), record(user_id=STR), "read"
    )
    tools = ToolSet([finder, reads("list_orders", ListOf(STR), "user_id")])
    assert accepts('list_orders(user_id="bob")', tools, "Show the orders of bob")
    assert not accepts('list_orders(user_id="bob")', tools, "The orders of bob@example.com")


def test_a_request_may_state_very_many_identifiers() -> None:
    kinds = [f"{chr(97 + i) * 3}" for i in range(16)]
    finders = [reads(f"find_{kind}", record(**{f"{kind}_id": STR}), "q") for kind in kinds]
    takers = [reads(f"show_{kind}", STR, f"{kind}_id") for kind in kinds]
    request = " ".join(str(1000 + i) for i in range(6000))
    assert accepts('show_ccc(ccc_id="6999")', ToolSet([*finders, *takers]), request)


def test_tools_that_only_find_what_they_need_find_nothing() -> None:
    show = reads("show", record(hotel_id=STR), "hotel_id")
    assert not Identifiers([show]).found("hotel_id", STR, show)
    circle = [
        reads("hotel", record(hotel_id=STR), "room_id"),
        reads("room", record(room_id=STR), "hotel_id"),
    ]
    assert not Identifiers(circle).found("hotel_id", STR, circle[1])


def test_a_chain_of_identifiers_can_be_called() -> None:
    tools = [
        reads("city", record(city_id=STR), "name"),
        reads("hotel", record(hotel_id=STR), "city_id"),
        reads("room", STR, "hotel_id"),
    ]
    known = Identifiers(tools)
    assert known.found("city_id", STR, tools[1]) and known.found("hotel_id", STR, tools[2])
    assert [list(known.needed(one)) for one in tools] == [[], [{"city"}], [{"hotel"}]]


def test_retrieval_brings_what_the_finder_needs() -> None:
    others = [reads(f"other_{i}", STR, "text") for i in range(8)]
    chain = [
        reads("city", record(city_id=STR), "name"),
        reads("hotel", record(hotel_id=STR), "city_id"),
        reads("room", STR, "hotel_id"),
    ]
    known = ToolSet([*others, *chain])
    assert list(relevant(known, Ranking(known.values()), "room, please", 1)) == [
        "city",
        "hotel",
        "room",
    ]


def test_retrieval_brings_what_finds_an_identifier() -> None:
    others = [reads(f"other_{i}", STR, "text") for i in range(8)]
    known = ToolSet([*others, *PLACES.values()])
    kept = relevant(known, Ranking(known.values()), "hotels, please", 1)
    assert list(kept) == ["find_place", "hotels"]


@pytest.mark.parametrize(
    ("fields", "parameter", "taken"),
    [
        ("locationId name placeId", "locationId", {"locationId"}),
        ("location_id id", "LocationID", {"location_id"}),
        ("name id placeType", "hotel_id", {"id"}),
        ("name hotel_id dest_id", "id", {"hotel_id", "dest_id"}),
        ("name dest_id id", "hotelId", {"dest_id", "id"}),
        ("number customer_id", "order_id", {"number", "customer_id"}),
        ("number total", "order_id", {"number", "total"}),
        ("number id", "order", {"number", "id"}),
        ("paid liquid", "id", {"paid", "liquid"}),
    ],
)
def test_an_identifier_is_taken_from_a_field_of_its_name(
    fields: str, parameter: str, taken: set[str]
) -> None:
    names = fields.split()
    tool = Tool("show", "", (Parameter(parameter, STR),), NONE, "read")
    found = Record(tuple(RecordField(name, STR) for name in names))
    variables: dict[str, Type] = {"hit": found, "hits": ListOf(found), "code": STR}
    tools = ToolSet([tool])

    def may(value: str) -> bool:
        return accepts(f"show({parameter}={value})", tools, **variables)

    for name in names:
        assert may(f"hit.{name}") == may(f"hits[0].{name}") == (name in taken)
    assert may("code") and may('"7"')


def test_a_list_and_a_record_of_identifiers_are_made_of_such_fields() -> None:
    line = Record((RecordField("product_id", INT), RecordField("count", INT)))
    parameters = (
        Parameter("ids", ListOf(INT), required=False),
        Parameter("lines", ListOf(line), required=False),
    )
    tools = ToolSet([Tool("order", "", parameters, NONE, "write")])
    product = Record((RecordField("id", INT), RecordField("stock", INT)))
    variables: dict[str, Type] = {"pen": product, "pens": ListOf(product)}
    for text, fine in (
        ("ids=[pen.id, pens[0].id]", True),
        ("ids=[pen.stock]", False),
        ("ids=[x.id for x in pens if x.stock > 2]", True),
        ("ids=[x.stock for x in pens]", False),
        ('lines=[{"product_id": pen.id, "count": pen.stock}]', True),
        ('lines=[{"product_id": pen.stock, "count": 2}]', False),
    ):
        assert accepts(f"order({text})", tools, **variables) == fine
