import pytest
from tests.browser.test_sending import *
def test_dbg(annotator, browse):
    article = make_article("“We won,” said Anna Baker on Monday.")
    span = make_span(article, annotator, "quote", extent=Extent(0, 9))
    def f(page):
        page.on("console", lambda m: print("CON", m.text))
        page.goto(f"{at(article)}?span={span.uid}")
        page.evaluate("""()=>document.addEventListener('htmx:before:swap',e=>console.log('SWAP', e.detail.ctx.request.action, !!e.detail.ctx.again, e.detail.tasks.map(t=>t.target?.id+':'+t.swapSpec?.style)))""")
        cut(page)
        page.locator("#panel [name=attr_cue]").fill("said")
        page.get_by_role("button", name="Save changes").click()
        lost(page)
        mend(page)
        print("ITEM", page.evaluate("Object.values(localStorage)[0]"))
        print("FORMS", page.evaluate("[...document.querySelectorAll('#panel form')].map(f=>[f.id,f.getAttribute('action'),[...new FormData(f)], [...f.elements].map(e=>e.name+':'+e.value+':'+e.defaultValue)])"))
        page.get_by_role("button", name="Send it again").click()
        said(page, "Edited.")
    browse(f)
