import csv
import os
import time
from pathlib import Path

import pytest

from framing.errors import FramingError
from framing.furniture import is_furniture
from framing.records import Article
from framing.sentences import require_sentences, split_sentences


def split(text: str, title: str | None = None, outlet: str = "Outlet") -> list[str]:
    """The sentences' texts, their offsets checked."""
    sentences = split_sentences(Article("a", outlet, text, title=title))
    last = 0
    for index, sentence in enumerate(sentences):
        assert sentence.index == index
        assert sentence.start >= last
        assert sentence.text == text[sentence.start : sentence.end]
        assert sentence.text == sentence.text.strip() != ""
        last = sentence.end
    return [sentence.text for sentence in sentences]


def joined(*sentences: str, by: str = " ") -> tuple[str, list[str]]:
    return by.join(sentences), list(sentences)


# Ends of sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        joined("Mr. Lee met Gen. Roy in the U.S. on Friday.", "He left at 5 p.m. for St. Louis."),
        joined("He met Ms. Smith on Monday.", "They saw Dr. No near two ATMs.", "They stayed."),
        joined(
            "She has a Ph.D. in fine art.",
            "They cost more, e.g. Bread did.",
            "Prices rose 1.8 percent.",
            "See example.com for more.",
        ),
        joined("They live in the U.S.", "The town is small.", "They met at 5 p.m.", "He was late."),
        joined("Avril D. Moor spoke.", "J. K. Roland wrote it in Node.js and ASP.NET."),
        joined(
            "Rep. Roy (D-N.C.) said so.", "It was Mr. Lee's.", "The end came.", "He said no.", "They left."
        ),
        joined("Was it?", "Yes!", "They left…  and came back."),
        joined("Nothing happened in 𝒳.", "Émile left."),
    ],
)
def test_abbreviations_and_ends(text: str, expected: list[str]) -> None:
    assert split(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        joined("It met its partners.", "Earlier, it had not.", by=""),
        joined("They share values.", "United States officials left.", by=""),
        joined("This concerns Europe.", "Petrov said so.", by=""),
        joined("So it said.", "US officials left.", by=""),
        joined("So he claimed.", "U.S. forces left.", by=""),
        joined("They met in 2014.", "Then they parted.", by=""),
        joined("They enter the U.S.", "One note says so.", by=""),
        joined("He called it “done.”", "She left.", by=""),
        joined('He said "no."', "She left.", by=""),
        joined("He said so.", '"We go," he said.', by=""),
        joined("It lies in the east.", "Joint Action With Europe", "The paper said so.", by=""),
    ],
)
def test_lost_spaces(text: str, expected: list[str]) -> None:
    assert split(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "U.S. forces left.",
        "Mr.Lee saw S.Korea.",
        "Go to https://a.org/x.Then or www.b.com/Y.Z now.",
        "Visit Example.Com now.",
    ],
)
def test_no_space_was_lost(text: str) -> None:
    assert split(text) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        joined("“We won’t,” he said.", "“Is it true?” Mr. Lee asked.", "“Go!” they cried.", "They left."),
        joined("He said: “It is bad.", "It is worse.”", "She agreed."),
        joined('"It is bad.', 'It is worse," he said.', "She agreed."),
        joined("‘I won’t go,’ he said.", "‘It’s over.’", "They left."),
        joined("“No way!” she said, “I quit.”", "“Why?”", "“Because.”"),
        joined("(It rained.", "It snowed.)", "Then it stopped."),
        joined("“It was never closed.", "“Nor was this one.", "They left."),
    ],
)
def test_quotations(text: str, expected: list[str]) -> None:
    assert split(text) == expected


def test_a_stray_stop_is_no_sentence() -> None:
    assert split("They met in Paris. .\n\n.\n\n?\n\n***\n\nThey left.") == [
        "They met in Paris.",
        "They left.",
    ]


def test_a_number_stays_with_its_point() -> None:
    assert split("1. Take the bread.\n2. Eat it.") == ["1. Take the bread.", "2. Eat it."]


# Lines


def test_each_line_is_a_paragraph() -> None:
    assert split("The headline\nA first sentence.\nA subhead\r\nA second one.\n") == [
        "The headline",
        "A first sentence.",
        "A subhead",
        "A second one.",
    ]


def test_hard_wrapped_lines_are_joined() -> None:
    text = (
        "The council of the town met on Monday to talk about the\n"
        "fence that had been promised to the people of the north\n"
        "bank for many years. Nobody from the ministry came, and\n"
        "nobody had been expected to.\n\nA new paragraph."
    )
    assert len(split(text)) == 3
    assert split(text.replace("\n", "\r\n"))[0].count("\r\n") == 2


def test_a_line_that_starts_small_continues_the_one_before() -> None:
    assert split("He came with the\nbread. She ate.") == ["He came with the\nbread.", "She ate."]


def test_lists_and_one_line_paragraphs_are_not_joined() -> None:
    lines = [
        f"Point number {number} of the plan that was agreed upon in the town hall" for number in range(4)
    ]
    assert split("\n".join(lines)) == lines
    full = [
        f"This is sentence number {number} of a page that has a sentence on each line." for number in range(4)
    ]
    assert split("\n".join(full)) == full


# Furniture

FURNITURE = """
Advertisement
- Advertisement -
- Advertisement -spot_img
ADVERTISEMENT
Story continues below advertisement
Article continues after ad
Latest news
Related news
Trending Stories
More from this author
You may also like
Most popular
Most Read
Editor's Picks
Recommended for you
JUST IN: Minister LIVE: viewers SWITCH OFF
READ MORE: The dog that barked all night was found.
DON'T MISS: What the king ate
RELATED: Nothing to see
WATCH: The moment it fell
Also read: Something else
Read more
Continue reading
Share this article on Facebook
Share
Facebook Twitter WhatsApp Email
Facebook | Twitter | 12
Follow us on Twitter
Join our Telegram channel
1.2K shares
5 min read
Sign up for our newsletter
Sign up here to get our best stories straight to your inbox.
Subscribe
Get the latest
Stay Informed: Get the Latest Updates and Insights
Thank you for signing up!
We use cookies to give you the best experience on our website.
By continuing to use this site, you agree to our use of cookies and our privacy policy.
Accept all cookies
Please enter your comment!
Please enter your name here
Leave a Reply
All comments.
Post Comment
23 Comments
Your email address will not be published.
Save my name, email, and website in this browser for the next time I comment.
Source: with agencies
Source From: Capital
(source)
Photo: Jane Doe/Getty Images
Photo by Jane Doe
(AP Photo/Jane Doe)
Getty Images
REUTERS/Jane Doe
© 2021 The Daily Page. All rights reserved.
Copyright 2021 The Daily Page
This article was originally published by The Conversation.
1.8 C
-3°C
Thursday, December 2, 2021
December 2, 2021 10:30 am EST
Updated on 2 December 2021
Published 2021-12-02T10:30:00
3 hours ago
By Jane Doe
By Jane Doe and John van Roe
By JANE DOE | Reuters
https://site.org/a/b.html
date 2021-11-20 https://site.org/a/b.html
jane@site.org
untitled design
IMG_2041.jpg
Home > World > Europe
News | Sports | Weather | Opinion
Skip to content
Privacy Policy
Tags: dog, night
* * *
""".strip().splitlines()

PROSE = """
Advertisement spending fell by 3 percent last year.
Advertisements for cigarettes are banned in the whole of the union.
Subscribe or perish, the editor told staff.
Share prices fell.
Sharing is caring, the minister said.
Follow the money, he said.
The most popular politician in the country lost.
More on that later, the minister said with a smile.
Related companies pay no tax, said the report.
Comments by the minister angered the union.
Source close to minister: no deal in sight before the summit of the leaders.
Photo of a dead child shocks the country
By Monday, the troops had left.
By the end of the year, nobody remembered the promise that he had made.
May was right.
March on Washington draws thousands
Copyright law was changed last year.
Breaking: dozens flee the town as the river rises
Home is where the heart is
Search for survivors continues
Russia's plan for Europe
The war in numbers
Why now?
Reuters reported the deal on Monday.
Facebook bans the party
Read between the lines, said the minister.
Watch what they do, not what they say.
We cook with cookies, said the baker.
Image: The river rose by two metres within the hour and took the bridge with it
Email leak: what we know
""".strip().splitlines()


@pytest.mark.parametrize("line", FURNITURE)
def test_furniture(line: str) -> None:
    assert is_furniture(line)
    before, after = "The council met on Monday to talk about the fence.", "Nobody came from the ministry."
    assert split(f"{before}\n{line}\n{after}") == [before, after]


@pytest.mark.parametrize("line", PROSE)
def test_prose_stays(line: str) -> None:
    assert not is_furniture(line)
    before = "The council met on Monday to talk about the fence."
    assert split(f"{before}\n\n{line}\n\n{before}") == [before, line, before]


def test_nothing_but_furniture() -> None:
    article = Article("a1", "Outlet", "Advertisement\n\nShare\n\n.\n")
    assert split_sentences(article) == ()
    with pytest.raises(FramingError, match=r"'a1'.*no sentence"):
        require_sentences(article)


def test_navigation_is_a_run_of_short_lines_around_furniture() -> None:
    text = (
        "The council met on Monday to talk.\n\n{}\nWorld\nBusiness\nSport\n\nNobody came from the ministry."
    )
    assert len(split(text.format("Privacy Policy"))) == 2
    assert len(split(text.format("Bread"))) == 6


def test_links_after_the_end() -> None:
    text = (
        "The council met on Monday.\n\nThe last words\n\nYou may also like\n\nKing eats bread\n\nIt rained."
    )
    assert split(text) == ["The council met on Monday.", "The last words", "King eats bread", "It rained."]
    assert split(text.removesuffix("It rained.")) == ["The council met on Monday.", "The last words"]


# The headline


def test_the_masthead_goes_where_the_headline_is_known() -> None:
    text = "Town Defender\n\nThe Mirror of the Town\n\nDog barks at night\n\nA dog barked on Monday."
    assert split(text, title="Dog barks at night")[0] == "Dog barks at night"
    assert split(text, outlet="Town Defender")[0] == "The Mirror of the Town"
    assert split(text)[0] == "Town Defender"


def test_prose_before_the_headline_stays() -> None:
    lead = "A dog barked in the town on Monday, and nobody slept."
    assert split(f"{lead}\n\nDog barks at night\n\nMore.", title="Dog barks at night")[0] == lead


@pytest.mark.parametrize(
    "line",
    [
        "untitled designDog barks at night",
        "Latest news Dog barks at night",
        "Dog barks at night Advertisement",
    ],
)
def test_a_headline_stuck_to_furniture(line: str) -> None:
    assert split(f"{line}\n\nA dog barked.", title="Dog barks at night") == [
        "Dog barks at night",
        "A dog barked.",
    ]


def test_a_headline_is_one_sentence_whatever_it_looks_like() -> None:
    title = "WATCH: Dog barks. Town wakes"
    assert split(f"{title}\n\nIt barked.", title=title) == [title, "It barked."]
    assert split(f"{title}\n\nIt barked.")[0] == "WATCH: Dog barks."


def test_a_headline_with_other_quotes_and_the_sites_name() -> None:
    assert split(
        "Menu bar\n\n‘Dog’ barks  at night\n\nIt barked.", title="'Dog' barks at night - Town Defender"
    ) == [
        "‘Dog’ barks  at night",
        "It barked.",
    ]


def test_a_headline_that_is_not_in_the_text_is_not_invented() -> None:
    assert split("It barked.", title="Dog barks at night") == ["It barked."]
    lead = "Dog barks at night and wakes the town."
    assert split(lead, title="Dog barks at night") == [lead]


def test_an_advertisement_stuck_to_a_sentence() -> None:
    assert split("It rained.\nAdvertisementThe council met on Monday.")[1] == "The council met on Monday."


# Size


@pytest.mark.parametrize(
    "unit", ["word ", "“", "(a ", "a.B", "“word. ", "word.Word ", "a\n", "U.S. ", "| ", "12:30 ", '"A," ']
)
def test_long_texts_take_no_longer_than_they_must(unit: str) -> None:
    text = "A start. " + unit * (40_000 // len(unit))
    begin = time.process_time()
    split(text)
    assert time.process_time() - begin < 3


@pytest.mark.skipif(
    "FRAMING_SHARED" not in os.environ, reason="FRAMING_SHARED names no folder with articles/"
)
def test_scraped_articles() -> None:
    folder = Path(os.environ.get("FRAMING_SHARED", "")) / "articles"
    with (folder / "articles.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    counts = []
    for row in rows:
        text = (folder / row["file"]).read_bytes().decode()
        sentences = split(text, row["title"], row["outlet"])
        counts.append(len(sentences))
        assert sentences[0] == row["title"]
        assert not any("http" in sentence or is_furniture(sentence) for sentence in sentences)
    assert counts == [18, 23, 30, 22, 22]
