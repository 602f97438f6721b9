"""Page furniture: the lines of a scraped page that are not the article's words.

Two tables of patterns, one pattern a line (an indented line continues the one above). Each is matched
against a whole line without its bullets and dashes, whatever its case. A line that reads like prose
(final punctuation and more than eight words) falls only to the patterns of ``ALWAYS``, so that a doubtful
line stays.
"""

import re
from collections.abc import Sequence

# Words that the patterns name in angle brackets; alternatives, one `|` between them.
VOCABULARY = {
    "AD": r"""advertisements?|advertorial|ads?|sponsored(?: content| links?| by .{1,40})?|
        promoted(?: content)?|paid content""",
    "MARK": r"spot_?img|img|close|skip|report this ad",
    "NET": r"""facebook|twitter|x|whats ?app|telegram|reddit|linkedin|pinterest|instagram|youtube|tiktok|
        flipboard|messenger|tumblr|threads|bluesky|mastodon|e-?mail|print|rss|sms|vk|viber|google news""",
    "BUTTON": r"share|tweet|pin(?: it)?|like|follow|save|copy(?: link)?|more|link|comments?|on|via|by|and|&",
    "NEWS": r"""news|stories|story|articles?|posts?|headlines|videos?|reads?|topics?|coverage|reading|
        updates|links|content|now|today""",
    "WHICH": r"""latest|related|trending|top|breaking|more|recent|popular|other|similar|featured|recommended|
        suggested|previous|next|further|must|local|world""",
    "MONTH": r"""jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|
        sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?""",
    "DAY": r"""mon(?:day)?|tue(?:s|sday)?|wed(?:nesday)?|thu(?:rs|rsday)?|fri(?:day)?|sat(?:urday)?|
        sun(?:day)?""",
    "STAMP": r"""date|time|updated?|published|posted|last|modified|first|created|on|at|the|ago|hours?|hrs?|
        min(?:ute)?s?|days?|weeks?|read|am|pm|[ap]\.m|noon|[epc][sd]?t|gmt|utc|bst|cet|ist""",
    "URL": r"(?:https?://|www\.)\S+",
    "NAME": r"(?-i:[A-Z])[\w.'’-]*|de|da|du|la|le|van|von|der|den|bin|al|el|di|and|for|with|of|the|in",
    "TEASER": r"""READ MORE|READ ALSO|ALSO READ|READ NEXT|READ|JUST IN|DON['’]?T MISS|RELATED(?: \w+)?|
        WATCH(?: NOW| LIVE)?|SEE ALSO|SEE MORE|MORE|MUST READ|LISTEN|TRENDING|POLL|UP NEXT|VIDEO|GALLERY|
        IN PICTURES|QUIZ""",
    "PICTURE": r"""(?:file |stock |featured |cover )?
        (?:photo|image|picture|pic|video|illustration|photograph|graphic)s?""",
    "AGENCY": r"""reuters|ap|afp|getty(?: images?)?|epa|pa|shutterstock|bloomberg|istock|alamy|upi|tass|
        xinhua|instagram|twitter|facebook|youtube|screenshot|handout|usa today|associated press|ap photo""",
}

# Specific enough to drop even a line that reads like prose.
ALWAYS = r"""
# advertisements, polls, forms
(?:take our poll\W+)?story continues below\b.{0,120}
completing this poll grants you access\b.*
.{0,40}this field is for validation purposes and should be left unchanged\W*
# teasers of other articles, in news style: capitals and a colon
(?-i:<TEASER>)\s?[:>|–—]\s?\S.*
# sharing and following
(?:follow|like|find|join|watch) (?:us|me|him|her|them|@\w+) on <NET>\b.{0,80}
join (?:our|the) .{0,40}<NET> (?:channel|group|community)\b.*
# newsletters and accounts
(?:please )?(?:sign up|subscribe|register) (?:to|for|here|now|below)\b.{0,160}\b(?:newsletters?|inbox
    |e-?mails?)\b.{0,80}
(?:sign up|subscribe|register) (?:to|for) (?:our|the|free) .{0,60}\b(?:updates|alerts?|podcast|channel
    |notifications?)\b.{0,40}
(?:get|receive|have) .{0,160}\b(?:in|to|into) your (?:inbox|e-?mail)\b.*
(?:thank you|thanks) for (?:signing up|subscribing|registering|reading|your (?:comment
    |subscription))\W*.{0,60}
you (?:may|can) (?:opt out|unsubscribe) (?:at )?any ?time\b.*
unsubscribe(?: at any ?time| here)?\W*
(?:subscribe|register|sign up|log in|sign in) to (?:continue|keep) reading\b.*
already (?:a )?(?:subscriber|member)\b.{0,40}
support (?:our|independent) journalism\W*.{0,40}
# cookies and terms
(?:we|(?:this|our) (?:web ?)?(?:site|page)) (?:and our partners )?(?:may )?uses? cookies\b.{0,300}
by (?:continuing|clicking|using|signing up|subscribing|submitting|registering)\b.{0,160}\b(?:cookies?
    |privacy policy|terms of|you (?:agree|consent|accept))\b.*
(?:you|i) (?:also )?agree to (?:this site|our|the)\b.{0,120}\b(?:privacy|terms of)\b.*
this site is protected by recaptcha\b.*
# comment forms
save my name\b.{0,60}\b(?:browser|time i comment)\b.*
your e-?mail address will not be published\b.*
required fields are marked\b.*
notify me of (?:new|follow-?up)\b.*
you have entered an incorrect e-?mail\b.*
# rights
(?:copyright\s*)?(?:©|\(c\))\s?(?:copyright\s?)?(?:\d{4}|by\b).*
.{0,200}\ball rights reserved\b.{0,200}
this material may not be (?:published|reproduced)\b.*
(?:article (?:re)?posted|reprinted|republished) (?:here )?(?:with|by) (?:kind )?permission\b.*
this (?:article|report|story|post|piece|column) (?:was )?(?:originally|first) (?:published|appeared|ran)\b.*
"""

UNLESS_PROSE = r"""
# advertisements; sites leave the name of the slot behind
<AD>(?:\W*<MARK>)?(?:\W+<AD>(?:\W*<MARK>)?)?\W*
(?:article|story|post|content) continues (?:below|after)(?: (?:this )?(?:ad|advertise?ment|video))?
scroll (?:down )?(?:to|for) (?:continue|more|read|videos?)\b.{0,40}
# teasers
(?:read more|read also|also read|read next|related|see also|more on this|don['’]t miss|must read
    |recommended|watch|listen)\s?:.*
(?:read (?:more|on|next|also)|(?:read|see|view) (?:the )?(?:full|whole|entire|rest|original|more)\b.{0,40})\W*
(?:continue|keep) reading|(?:show|load|see|learn) more|more details|view (?:all|gallery)|play video
watch (?:now|live|the video)\W*(?:here|below)?|listen to this article
click here\b.{0,60}
click to (?:share|print|email|expand|enlarge|view|open|read|watch|subscribe|follow)\b.*
# sharing, following, counts
(?:<NET>|<BUTTON>|\d[\d.,]*[km]?)(?:[\s,|/:·•+-]+(?:<NET>|<BUTTON>|\d[\d.,]*[km]?))*
(?:share|tweet|pin|send|post) (?:this|on|via|with|to)\b(?:(?!\.\s).){0,60}
(?:follow us|connect with us|stay connected|join us|share article)\b.{0,60}
(?:follow|like|find) \w+(?: \w+)? on <NET>\b.{0,80}
[\d.,]+\s?[km]?\+? (?:shares?|views?|comments?|likes?|retweets?|followers?|reactions?|reads?|
    min(?:ute)?s? read)(?:\W+[\d.,]+\s?[km]? \w+)*
(?:shares?|views?|comments?|likes?|post views)\s?[:(]?\s?[\d.,]+\s?[km]?\)?
# newsletters and accounts
(?:sign(?:ing)? up|subscribe|register|log ?in|sign in)(?: (?:to|for|now|here|today|free|with|below
    |thank you)\b.{0,90})?\W*
(?:get|receive) (?:the|our|all the|your) (?:latest|daily|weekly|best)\b(?: (?:updates?|news|newsletters?
    |stories|headlines|insights|alerts|offers|delivered|and|&))*
stay (?:informed|connected|tuned|updated|up to date|in touch)\b(?: with (?:us|our\b.{0,40}))?(?:\s?[:!].*)?\W*
(?:enter )?your e-?mail(?: address)?|enter your (?:e-?mail|name)\b.{0,60}
(?:accept|reject|allow|manage|decline)(?: all)?(?: my)? (?:cookies|preferences|settings|choices)
# comment forms
(?:please )?enter your (?:comment|name|e-?mail(?: address)?|website)(?: here)?\W*
(?:leave|post|add|write|submit|view|show|hide|see|read|load)(?: (?:a|your|all|the|more|\d+))* (?:comments?
    |reply|replies|response)(?: (?:below|here|\(\d+\)|cancel reply))*\W*
(?:(?:all|no|\d+) )?(?:comments?|replies|responses)(?: (?:yet|off|below|\(\d+\)|are closed))?\W*
(?:log ?in|sign in|register)(?: or \w+(?: \w+)?)? to (?:leave a )?(?:comment|reply)\W*
join the (?:conversation|discussion|debate)\W*|what do you think\?.{0,60}\bcomments?\b.*|cancel reply
(?:name|e-?mail|website|comments?|phone|message)\s?[:*]+\W*
# lists of other pages
(?:the )?<WHICH> (?:\w+ )?<NEWS>(?: (?:for you|on this|(?:from|by|in) .{1,40}))?
(?:you )?(?:may|might) (?:also )?(?:like|love|enjoy|be interested in).{0,20}
(?:the )?most (?:popular|read|viewed|shared|commented|watched|recent)(?: .{1,30})?
(?:recommended|trending|related|popular|sponsored|featured|suggested)(?: for you| by .{1,20}| now)?
editor['’]?s['’]? (?:picks?|choice)|what to read next|must[- ]reads?|(?:up|read) next
from (?:the|around|across) the web|in this (?:article|story)|table of contents
more (?:from|on|about) (?:the |this )?\S+(?: \S+){0,4}
# sources, credits: a caption is the outlet's words, a credit names somebody in a few of them
(?:sources?|via|source from|news source|h/t)\s?:.{1,80}|\(?source\)?
\(?<PICTURE> (?:credits?|courtesy|source|by|©)\b.{0,120}|\(?credits?\s?:.{1,80}
\(?<PICTURE>\s?[:/]\s?\S+(?: \S+){0,5}
(?:.{0,60}[/(©|]\s?)?<AGENCY>(?:\s?[/,|]\s?.{1,40}|\s+via .{1,30})?\W*
.{1,60}/.{1,60} via <AGENCY>\W*|©\s?\w+\b.{0,60}|copyright(?: by)? \d{4}\b.{0,80}
\(?(?:additional )?(?:reporting|writing|editing|compiled|written|edited|translated) by\b.{1,140}
# weather, dates, bylines
[-−+]?\d{1,3}(?:[.,]\d)?\s?°?\s?(?-i:[CF])\b(?:\W+\S+){0,3}|.{0,30}\b\d{1,3}\s?°\s?[CF]?
(?:(?:<DAY>|<MONTH>|<STAMP>|\d{1,4}(?:st|nd|rd|th|[ap]\.?m)?|<URL>)(?:[\s,:;/.|·•()–—-]+|(?<=\d)t(?=\d)|$))+
(?:(?:article|written|reported|posted|published) )?by:? (?-i:[A-Z])[\w.'’-]*(?:,? (?:<NAME>|\d{1,4})){0,8}
    (?:\s?[|•·–—:-].{0,60})?
# addresses, file names, leftovers of the page's machinery
(?:\(?<URL>\W*)+|\S+@\S+\.\w+|(?:pic\.twitter\.com/\w+\W*)+|[#@]\w+(?:[\s,]+[#@]\w+)*
untitled(?:[ _-](?:design|image|document|\d+))*(?: \(?\d+\)?)?
\S+\.(?:jpe?g|png|gif|webp|svg|mp4|pdf)|(?:img|dsc|screenshot)[_ -]?\d.{0,30}
spot_?img|featured image|image|video|loading\W*|can't render\W+error
# navigation
skip to (?:main )?content|(?:main )?menu|search|home(?: ?page)?|log ?out|sign out|my account|back to top
(?:next|previous) (?:article|post|page)|toggle navigation|close|open|contact(?: us)?|about(?: us)?
privacy(?: policy| notice)?|terms(?: (?:of|and|&) (?:use|service|conditions))*|cookie policy|advertise
    (?: with us)?
careers|help|faqs?|site ?map|newsletters?|filed under\b.{0,80}|(?:tags?|categor(?:y|ies)|topics?)\s?:.{0,120}
(?:[\w&'’]+(?: [\w&'’]+){0,2}\s*[|•›»>]\s*){2,}[\w&'’]+(?: [\w&'’]+){0,8}
"""


def _compiled(table: str) -> re.Pattern[str]:
    rows = [row for row in _CONTINUED.sub("", table.strip()).splitlines() if not row.startswith("#")]
    joined = "|".join(f"(?:{row})" for row in rows)
    for name, words in VOCABULARY.items():
        joined = joined.replace(f"<{name}>", f"(?:{_CONTINUED.sub('', words)})")
    return re.compile(joined, re.IGNORECASE)


_CONTINUED = re.compile(r"\n +")
_ALWAYS = _compiled(ALWAYS)
_UNLESS_PROSE = _compiled(UNLESS_PROSE + ALWAYS)
_TEASER = re.compile(rf"(?:{_CONTINUED.sub('', VOCABULARY['TEASER'])})\s?:")
_DECORATION = " \t\r\n\u00a0\u200b\ufeff-–—*•|>»«_=~#+"
_FINAL = re.compile(r"[.!?…][\"'”’»)\]]*$")
_WORD = re.compile(r"\w[\w'’.-]*")
# No pattern of the table needs more: a longer line is the article's own and is not searched.
_LONGEST = 400


def ends_a_sentence(line: str) -> bool:
    """Whether the line ends with final punctuation, closing quotes allowed."""
    return _FINAL.search(line[-8:]) is not None


def is_prose(line: str) -> bool:
    """Whether the line reads like prose: final punctuation and more than eight words."""
    return ends_a_sentence(line) and (len(line) > 120 or len(line.split()) > 8)


def is_furniture(line: str) -> bool:
    """Whether the line alone, wherever it stands, is page furniture."""
    if len(line) > _LONGEST:
        return False
    bare = line.strip(_DECORATION)
    if not _WORD.search(bare):
        return True
    pattern = _ALWAYS if is_prose(bare) else _UNLESS_PROSE
    return pattern.fullmatch(bare) is not None


def mark_furniture(lines: Sequence[str], *, title: int | None = None, outlet: str = "") -> list[bool]:
    """Says of each line of a page, in its order and stripped, whether it is furniture.

    Args:
        lines: The page's lines that hold anything.
        title: Which of them is the headline, where that is known: it stays, and before it only prose stays.
        outlet: The outlet's name; a line that holds nothing else is a masthead.
    """
    marks = [is_furniture(line) for line in lines]
    _mark_masthead(lines, marks, title, outlet)
    _mark_navigation(lines, marks)
    _mark_tail(lines, marks)
    if title is None:
        _spare_headline(lines, marks)
    else:
        marks[title] = False
    return marks


def _mark_masthead(lines: Sequence[str], marks: list[bool], title: int | None, outlet: str) -> None:
    name = outlet.casefold().removeprefix("www.")
    for number, line in enumerate(lines):
        before_title = title is not None and number < title and not is_prose(line)
        if before_title or line.casefold() == name:
            marks[number] = True
    if title is not None:
        for number in range(title + 1, min(title + 4, len(lines))):
            marks[number] |= lines[number] == lines[title]


def _mark_navigation(lines: Sequence[str], marks: list[bool]) -> None:
    """Marks runs of four or more lines of one to three words, if one of them is furniture for sure."""
    run: list[int] = []
    for number, line in enumerate([*lines, "The end of a page reads like prose."]):
        if len(line) < 40 and len(line.split()) <= 3 and not ends_a_sentence(line):
            run.append(number)
            continue
        if len(run) >= 4 and any(marks[member] for member in run):
            for member in run:
                marks[member] = True
        run = []


def _mark_tail(lines: Sequence[str], marks: list[bool]) -> None:
    """After the last sentence, whatever follows a line of furniture is a list of other pages."""
    kept = [number for number, line in enumerate(lines) if not marks[number] and ends_a_sentence(line)]
    in_tail = False
    for number in range(kept[-1] + 1 if kept else len(lines), len(lines)):
        in_tail = in_tail or marks[number]
        if in_tail and not lines[number].endswith((":", '"', "”", "’")):
            marks[number] = True


def _spare_headline(lines: Sequence[str], marks: list[bool]) -> None:
    """A teaser ("WATCH: …") with nothing of the article above it is the headline."""
    first = marks.index(False) if False in marks else len(lines)
    for number in range(first):
        if _TEASER.match(lines[number]):
            marks[number] = False
            return
