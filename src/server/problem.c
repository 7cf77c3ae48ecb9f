#include "json/json.h"
#include "server/server_p.h"

void problem_answer(const struct server_request *q, int status, const char *title, const char *name,
                    const char *detail, struct server_answer *ret) {
    struct json_writer w;
    struct buf b;
    buf_init(&b, 4000);
    json_begin(&w, &b);
    json_object(&w, NULL);
    json_put_cstr(&w, "type", "about:blank");
    json_put_cstr(&w, "title", title);
    json_put_int(&w, "status", status);
    json_put_cstr(&w, "name", name);
    json_put_cstr(&w, "detail", detail);
    json_object_end(&w);
    *ret = (struct server_answer){ .status = status,
                                   .content_type = "application/problem+json",
                                   .body = arena_copy(q->arena, b.ptr, b.len),
                                   .body_bytes = b.len };
    buf_done(&b);
}
