#include "show/mapping.h"

void show_mapping(struct json_writer *w, const char *key, const struct mapping_text *t) {
    json_object(w, key);
    json_put_int(w, "mapping", t->mapping_id);
    json_put_cstr(w, "state", mapping_text_state_name(t->state));
    show_put_when(w, "made_at", t->made_us);
    json_put_text(w, "made_by", t->made_by);
    show_put_text(w, "note", t->note);
    show_put_when(w, "activated_at", t->activated_us);
    json_object_end(w);
}

void show_mapping_text(struct json_writer *w, const struct mapping_text *t, const struct mapping *m,
                       bool full) {
    struct buf b;
    buf_init(&b, 1 << 20);
    if (full || t->mapping_id == 0)
        mapping_print(m, &b);
    else
        buf_append(&b, t->source.ptr, t->source.len);
    json_put_int(w, "mapping", t->mapping_id);
    json_put_cstr(w, "state", t->mapping_id != 0 ? mapping_text_state_name(t->state) : "default");
    json_put_str(w, "text", b.ptr, b.len);
    buf_done(&b);
}

static void put_findings(struct json_writer *w, const struct mapping_findings *f) {
    json_array(w, "findings");
    for (size_t i = 0; i < f->n; i++) {
        const struct mapping_finding *one = &f->list[i];
        json_object(w, NULL);
        json_put_cstr(w, "code", one->code);
        json_put_cstr(w, "severity", one->severity == MAPPING_ERROR ? "error" : "warning");
        json_put_int(w, "line", one->line);
        json_put_int(w, "column", one->column);
        json_put_int(w, "length", one->length);
        json_put_cstr(w, "sentence", one->sentence);
        json_put_cstr(w, "suggestion", one->suggestion);
        json_object_end(w);
    }
    json_array_end(w);
}

void show_mapping_checked(const struct show *s, struct json_writer *w, const struct integration *in,
                          const struct mapped_checked *k) {
    struct mapped_not_taken *list;
    size_t n = 0;
    if (k->mapping != NULL)
        (void)mapped_not_taken(s->st, in, k->mapping, s->arena, &list, &n, NULL);
    json_put_cstr(w, "keys", mapped_keys_name(k->keys));
    put_findings(w, &k->findings);
    json_object(w, "not_taken");
    for (size_t i = 0; i < n; i++)
        json_put_cstr(w, list[i].destination, list[i].fields);
    json_object_end(w);
}
