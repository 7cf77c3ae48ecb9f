/* page.c - the page at /: people, twenty at a time, with a form to edit one. It is
 * sandbox/page.html, which embed.py has made a C array of while building. */
#include "sandbox/sandbox.h"

static const char page[] = {
#include "page.html.inc"
};

void page_show(struct call *c) {
    c->ret->status = 200;
    c->ret->content_type = "text/html; charset=utf-8";
    c->ret->body = page;
    c->ret->body_bytes = sizeof page;
    c->ret->body_static = true;
    answer_header(c, "Content-Security-Policy",
                  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
                  "connect-src 'self'");
}
