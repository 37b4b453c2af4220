"""What a test sees of an answer: the elements of the page, its forms, what it says.

The parser is strict: a tag that is not closed where it was opened is an error, so that words of
an article that got into the markup break the test that draws them.
"""

from html.parser import HTMLParser

from annotations.models import Article, Comment, Deed, Event, Span

HTMX = {"HX-Request": "true"}
VOID = {"br", "hr", "img", "input", "link", "meta"}


class Element:
    """An element with its attributes and what is in it, strings and elements."""

    def __init__(self, tag, attributes=(), parent=None):
        self.tag, self.attributes, self.parent = tag, dict(attributes), parent
        self.children = []

    def __getitem__(self, name):
        return self.attributes[name]

    def get(self, name, default=None):
        return self.attributes.get(name, default)

    @property
    def text(self):
        """All the words in it, as they stand."""
        return "".join(
            child.text if isinstance(child, Element) else child for child in self.children
        )

    @property
    def words(self):
        """The words in it, with single blanks."""
        return " ".join(self.text.split())

    def every(self, tag=None, **attributes):
        """The elements in it of that tag and with these attributes, in the page's order.

        attributes: `data_key="q"` asks for the attribute data-key; True for any value.
        """
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        found = []
        for child in self.children:
            if not isinstance(child, Element):
                continue
            if tag in (None, child.tag) and all(
                name in child.attributes and value in (True, child[name])
                for name, value in wanted.items()
            ):
                found.append(child)
            found += child.every(tag, **attributes)
        return found

    def one(self, tag=None, **attributes):
        """The only such element."""
        found = self.every(tag, **attributes)
        assert len(found) == 1, f"{len(found)} of {tag or 'any'} {attributes}"
        return found[0]

    def has_class(self, name):
        return name in self.get("class", "").split()

    @property
    def hidden(self):
        """Whether nobody sees it, for its own sake or that of what it stands in."""
        return "hidden" in self.attributes or (self.parent is not None and self.parent.hidden)

    @property
    def refusals(self):
        """What it says to whoever was refused."""
        return [alert.words for alert in self.every(role="alert") if not alert.hidden]

    @property
    def fields(self):
        """What a form sends without any button pressed: name -> value."""
        sent = {}
        for field in self.every(name=True):
            match field.tag, field.get("type", "text"):
                case "input", "radio" | "checkbox":
                    if "checked" in field.attributes:
                        sent[field["name"]] = field.get("value", "on")
                case "input", _:
                    sent[field["name"]] = field.get("value", "")
                case "textarea", _:  # the first line end after the tag is the markup's
                    sent[field["name"]] = field.text.removeprefix("\n")
                case "select", _:
                    options = field.every("option")
                    chosen = [each for each in options if "selected" in each.attributes]
                    sent[field["name"]] = (chosen or options)[0]["value"]
        return sent

    @property
    def buttons(self):
        """What the buttons that people see would send."""
        return [
            button["value"]
            for button in self.every("button")
            if button.get("name") and "hidden" not in button.attributes
        ]


class Page(Element):
    """An answer, whole page or fragment."""

    def __init__(self, response):
        super().__init__("page")
        self.status = response.status_code
        self.html = response.content.decode()
        _Builder(self).read(self.html)

    def form(self, action, sends=None):
        """The form that posts there; of several the one that has the button `sends`."""
        found = [form for form in self.every("form", action=action) if form.get("method") == "post"]
        if sends is not None:
            found = [form for form in found if sends in form.buttons]
        assert len(found) == 1, f"{len(found)} forms post to {action}"
        return found[0]

    @property
    def partials(self):
        """What htmx would swap in: target -> element. Twice the same target is an error."""
        partials = self.every("hx-partial")
        targets = [partial["hx-target"] for partial in partials]
        assert len(set(targets)) == len(targets), targets
        return dict(zip(targets, partials, strict=True))

    @property
    def toasts(self):
        """What it says of the last deed."""
        return [toast.words for toast in self.every("p") if toast.has_class("toast")]


class _Builder(HTMLParser):
    def __init__(self, root):
        super().__init__()
        self.at = root

    def read(self, html):
        self.feed(html)
        self.close()
        assert isinstance(self.at, Page), f"<{self.at.tag}> is never closed"

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        assert len(set(names)) == len(names), f"an attribute twice: {self.get_starttag_text()}"
        plain = [(name, "" if value is None else value) for name, value in attributes]
        element = Element(tag, plain, self.at)
        self.at.children.append(element)
        if tag not in VOID:
            self.at = element

    def handle_endtag(self, tag):
        assert self.at.tag == tag, f"</{tag}> closes <{self.at.tag}> at {self.getpos()}"
        self.at = self.at.parent

    def handle_data(self, data):
        self.at.children.append(data)


def database():
    """Every row that a deed could write, to compare before and after; a lease is none."""
    tables = (Article, Span, Deed, Event, Comment)
    rows = {table.__name__: list(table.objects.order_by("pk").values()) for table in tables}
    for article in rows["Article"]:
        del article["leased_to_id"], article["leased_until"]
    return rows
