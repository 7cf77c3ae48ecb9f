#include "source/hint.h"

#include <string.h>
#include "base/date.h"
#include "json/json.h"

enum { BODY_MOST = 64 << 10 };

/* Letters, digits and what joins them: it is stored, logged and shown. */
static bool is_word(const char *s, size_t len, size_t most) {
    for (size_t i = 0; i < len; i++)
        if ((s[i] < 'a' || s[i] > 'z') && (s[i] < 'A' || s[i] > 'Z') &&
            (s[i] < '0' || s[i] > '9') && s[i] != '.' && s[i] != '-' && s[i] != '_')
            return false;
    return len > 0 && len <= most;
}

static struct text word_of(json v, size_t most, struct arena *a) {
    const char *s;
    size_t len;
    if (!json_str(v, &s, &len) || !is_word(s, len, most))
        return (struct text){ 0 };
    return text_from(arena_str(a, s, len), len);
}

/* Ids are digits in a string; a number is taken too. */
static struct text id_of(json v, struct arena *a) {
    int64_t n;
    if (json_type(v) == JSON_INT && json_int(v, &n) && n > 0)
        return text_of(arena_printf(a, "%lld", (long long)n));
    return word_of(v, HINT_ID_MOST, a);
}

/* {"person": {"id"}}, or {"id"} alone where the event is about a person. */
static struct text person_of(json payload, struct text name, struct arena *a) {
    struct text id = id_of(json_get(json_get(payload, "person"), "id"), a);
    if (id.state != TEXT_SET && name.len > 7 && memcmp(name.ptr, "person.", 7) == 0)
        id = id_of(json_get(payload, "id"), a);
    return id;
}

void hint_read_personio(const char *bytes, size_t len, struct arena *a, struct hint *ret) {
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(BODY_MOST);
    json body;
    const char *at;
    size_t at_n;
    *ret = (struct hint){ 0 };
    if (len == 0 || json_parse_copy(reader, bytes, len, &body, NULL) != RC_OK)
        return;
    struct hint h = { .name = word_of(json_get(body, "event_name"), HINT_NAME_MOST, a) };
    if (h.name.state != TEXT_SET)
        return;
    h.understood = true;
    h.source_id = person_of(json_get(body, "payload"), h.name, a);
    if (!json_str(json_get(body, "occurred_at"), &at, &at_n) ||
        date_parse_instant(at, at_n, &h.occurred_us, NULL) != RC_OK || h.occurred_us < 0)
        h.occurred_us = 0;
    *ret = h;
}
