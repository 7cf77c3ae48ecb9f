#include "show/subject.h"

#include <stdio.h>
#include "store/hook_event.h"

enum rc_code show_person_find(const struct show *s, int64_t company_id, const char *what,
                              struct person *ret, struct rc_error *err) {
    struct person *found;
    size_t n;
    enum rc_code rc =
        directory_search(s->st, company_id, text_of(what), 3, s->arena, &found, &n, err);
    if (rc != RC_OK)
        return rc;
    if (n == 0)
        return rc_fail_as(err, RC_NOT_FOUND, "person.unknown",
                          "the directory has nobody with \"%.60s\"", what);
    if (n > 1)
        return rc_fail_as(err, RC_INVALID, "person.several",
                          "several people have \"%.60s\": say which by # and the number that "
                          "people show has",
                          what);
    *ret = found[0];
    return RC_OK;
}

enum rc_code show_subject_find(const struct show *s, const struct company *co, const char *what,
                               struct subject *ret, struct rc_error *err) {
    enum { MOST = 20 };
    struct subject *list;
    struct person *people;
    size_t people_n, n = 0;
    enum rc_code rc = directory_search(s->st, co->company_id, text_of(what), MOST, s->arena,
                                       &people, &people_n, err);
    if (rc != RC_OK)
        return rc;
    if (people_n > 1)
        return rc_fail_as(err, RC_INVALID, "person.several",
                          "%zu people are called \"%.60s\": say the id in HR, or # and our number",
                          people_n, what);
    if (people_n == 1)
        rc = subject_find(s->st, co->company_id, people[0].integration_id, people[0].source_id, 1,
                          s->arena, &list, &n, err);
    else
        rc = subject_find(s->st, co->company_id, 0, text_of(what), 2, s->arena, &list, &n, err);
    if (rc != RC_OK)
        return rc;
    if (n == 0)
        return rc_fail_as(err, RC_NOT_FOUND, "person.unknown",
                          "the directory has nobody with the id or e-mail \"%.80s\"", what);
    if (n > 1)
        return rc_fail_as(err, RC_INVALID, "person.several",
                          "several integrations have read somebody called \"%.60s\"", what);
    *ret = list[0];
    return RC_OK;
}

enum rc_code show_subject(const struct show *s, struct store *events, struct json_writer *w,
                          const struct company *co, const struct subject *who,
                          struct rc_error *err) {
    int64_t counts[SUBJECT_PARTS_N], reports = 0;
    struct integration in;
    enum rc_code rc =
        integration_get(s->st, who->company_id, who->integration_id, NULL, s->arena, &in, err);
    if (rc != RC_OK || (rc = subject_reports(s->st, who, &reports, err)) != RC_OK)
        return rc;
    json_put_text(w, "company", co->key);
    json_put_text(w, "integration", in.key);
    json_put_text(w, "person", who->source_id);
    show_put_when(w, "exported_at", clock_now_us(s->clock));
    json_object(w, "held");
    rc = subject_write(s->st, who, w, counts, err);
    /* What webhooks have told lies in a file of its own on SQLite, and goes by itself after a month. */
    if (rc == RC_OK)
        rc = hook_event_write(events, who->company_id, who->integration_id, who->source_id, w, err);
    json_object_end(w);
    json_put_int(w, "named_as_manager_by", reports);
    return rc;
}

/* ---- receipts ---- */

const char *show_hex(const uint8_t bytes[SUBJECT_DIGEST_BYTES], char ret[SHOW_HEX_BYTES]) {
    for (int i = 0; i < SUBJECT_DIGEST_BYTES; i++)
        snprintf(ret + 2 * i, 3, "%02x", bytes[i]);
    return ret;
}

void show_erasure(struct json_writer *w, const char *key, const struct erasure *e) {
    char hex[SHOW_HEX_BYTES];
    json_object(w, key);
    json_put_int(w, "receipt", e->erasure_id);
    show_put_when(w, "at", e->at_us);
    json_put_text(w, "by", e->who);
    json_put_text(w, "reason", e->reason);
    json_put_cstr(w, "person_digest", show_hex(e->person, hex));
    json_put_cstr(w, "removed_digest", show_hex(e->removed, hex));
    json_put_raw(w, "removed", e->counts.ptr, e->counts.len);
    json_put_raw(w, "kept", e->kept.ptr, e->kept.len);
    show_put_when(w, "logs_emptied_at", e->logs_us);
    json_object_end(w);
}
