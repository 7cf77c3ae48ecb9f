/* filter.c - what a list of users is asked for.
 * Source: docs/wire-learnamp.md, filters. */
#include <stdio.h>
#include <string.h>
#include "sandbox/learnamp/learnamp.h"

#define DAY_US INT64_C(86400000000)

static bool bad_value(struct call *c, const char *name) {
    char param[80];
    if (la(c, LA_FILTER_BAD) == 1)
        return true;
    snprintf(param, sizeof param, "filters[%s]", name);
    refuse_one(c, 400, "", param, param, "does not have a valid value");
    return false;
}

/* A date is all of its day (UTC), an instant is itself. */
static bool span_end(const struct value *v, bool is_until, int64_t *ret) {
    date_days day;
    if (memchr(v->text, 'T', v->len) != NULL)
        return date_parse_instant(v->text, v->len, ret, NULL) == RC_OK;
    if (!value_date(v, &day))
        return false;
    *ret = (day + (is_until ? 1 : 0)) * DAY_US;
    return true;
}

static bool span_read(struct call *c, const struct value *filters, const char *name,
                      struct span *ret) {
    const struct value *v = value_get(filters, name), *from = v ? value_get(v, "from") : NULL,
                       *until = v ? value_get(v, "to") : NULL;
    *ret = (struct span){ INT64_MIN, INT64_MAX, false };
    if (!value_is_empty(from)) {
        if (!span_end(from, false, &ret->from_us))
            return bad_value(c, name);
        ret->asked = true;
    }
    if (!value_is_empty(until)) {
        if (!span_end(until, true, &ret->until_us))
            return bad_value(c, name);
        ret->asked = true;
    }
    return true;
}

/* Calls `each` for the words of a list, or of one text with commas (and perhaps brackets around). */
static bool each_word(const struct value *v, bool (*each)(void *self, const char *word, size_t len),
                      void *self) {
    for (const struct value *one = v->kind == VALUE_LIST ? v->first : v; one != NULL;
         one = v->kind == VALUE_LIST ? one->next : NULL)
        for (const char *at = one->text; *at != '\0';) {
            size_t skip = strspn(at, ", []"), len = strcspn(at + skip, ", []");
            if (len > 0 && !each(self, at + skip, len))
                return false;
            at += skip + len;
        }
    return true;
}

struct words {
    struct call *c;
    struct filter *f;
    uint32_t *teams;
};

static bool take_status(void *self, const char *word, size_t len) {
    struct words *w = self;
    int which = word_find(status_names, STATUS_ANONYMISED, word, len);
    bool pending = la(w->c, LA_STATUS_PENDING) && len == strlen("pending_deactivation") &&
                   memcmp(word, "pending_deactivation", len) == 0;
    if (which >= 0)
        w->f->statuses |= 1u << which;
    w->f->pending = w->f->pending || pending;
    return which >= 0 || pending;
}

static bool take_team(void *self, const char *word, size_t len) {
    struct words *w = self;
    const struct value v = { .kind = VALUE_TEXT, .text = word, .len = len };
    uint64_t id;
    if (!value_number(&v, &id))
        return false;
    uint32_t team = team_by_id(platform_of(w->c), id);
    if (team != NONE && w->f->teams_n < PARAMS_MAX)
        w->teams[w->f->teams_n++] = team;
    return true;
}

static bool texts_read(const struct value *filters, struct filter *f) {
    const struct {
        const char *name;
        struct text *ret;
    } texts[] = { { "email", &f->email },
                  { "integration_external_id", &f->external_id },
                  { "first_name", &f->first_name },
                  { "last_name", &f->last_name } };
    for (size_t i = 0; i < RC_LEN(texts); i++) {
        const struct value *v = value_get(filters, texts[i].name);
        if (!value_is_empty(v) && !value_text(v, texts[i].ret))
            return false;
    }
    return true;
}

bool filter_read(struct call *c, const struct value *params, struct filter *ret) {
    const struct value *filters = value_get(params, "filters"), *v;
    struct words words = { c, ret, NULL };
    bool on;
    *ret = (struct filter){ .role = -1 };
    if (filters == NULL || filters->kind != VALUE_OBJECT)
        return true;
    if (!texts_read(filters, ret))
        return bad_value(c, "email");
    if (la(c, LA_EXTERNAL_KNOWN) == 0)
        ret->external_id = (struct text){ 0 };
    if (!value_is_empty(v = value_get(filters, "role"))) {
        ret->role = word_find(role_names, ROLES, v->text, v->len);
        if (ret->role < 0 && !bad_value(c, "role"))
            return false;
    }
    if (!value_is_empty(v = value_get(filters, "no_team"))) {
        if (!value_bool(v, &on))
            return bad_value(c, "no_team");
        ret->no_team = on;
    }
    if ((v = value_get(filters, "status")) != NULL && !each_word(v, take_status, &words) &&
        !bad_value(c, "status"))
        return false;
    if ((v = value_get(filters, "team_ids")) != NULL) {
        words.teams = arena_array(c->q->arena, sizeof *words.teams, PARAMS_MAX);
        ret->teams = words.teams;
        if (!each_word(v, take_team, &words) && !bad_value(c, "team_ids"))
            return false;
    }
    return span_read(c, filters, "created_at", &ret->created) &&
           span_read(c, filters, "updated_at", &ret->updated) &&
           span_read(c, filters, "deactivated_at", &ret->deactivated);
}
