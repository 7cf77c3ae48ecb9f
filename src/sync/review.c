#include "sync/review.h"

#include <stdlib.h>
#include <string.h>
#include "base/map.h"
#include "store/directory.h"

static const struct {
    const char *name, *title;
} words[REVIEW_GROUPS_N] = {
    [REVIEW_UNANNOUNCED] = { "unannounced", "people gone from HR without an end date" },
    [REVIEW_LEAVERS] = { "leavers", "people leaving" },
    [REVIEW_EXCLUDED] = { "excluded", "people excluded by a filter" },
    [REVIEW_JOINS] = { "joins", "people joining" },
    [REVIEW_RETURNS] = { "returns", "people coming back" },
    [REVIEW_EMAIL] = { "email", "e-mail changes" },
    [REVIEW_NAME] = { "name", "name changes" },
    [REVIEW_TEAM] = { "team", "moves between teams" },
    [REVIEW_MANAGER] = { "manager", "changes of manager" },
    [REVIEW_LOCATION] = { "location", "moves between locations" },
    [REVIEW_LEAVE_DATE] = { "leave_date", "leave dates" },
    [REVIEW_CLEARED] = { "cleared", "values cleared" },
    [REVIEW_OTHER] = { "other", "other changes" },
    [REVIEW_ARRIVED] = { "arrived-left",
                         "people new to us who have left already, or whom a filter leaves out" },
};

const char *review_group_name(enum review_group g) {
    return words[g].name;
}

const char *review_group_title(enum review_group g) {
    return words[g].title;
}

enum review_group review_group_of(enum change_class class, struct text field) {
    bool arrives = text_is(field, "*");
    switch (class) {
    case CHANGE_UNANNOUNCED: return REVIEW_UNANNOUNCED;
    case CHANGE_LEAVERS: return REVIEW_LEAVERS;
    case CHANGE_EXCLUDED: return REVIEW_EXCLUDED;
    case CHANGE_JOINS: return arrives ? REVIEW_JOINS : REVIEW_RETURNS;
    case CHANGE_EMAIL: return REVIEW_EMAIL;
    case CHANGE_NAME: return REVIEW_NAME;
    case CHANGE_TEAM: return REVIEW_TEAM;
    case CHANGE_MANAGER: return REVIEW_MANAGER;
    case CHANGE_LOCATION: return REVIEW_LOCATION;
    case CHANGE_LEAVE_DATE: return REVIEW_LEAVE_DATE;
    case CHANGE_CLEARED: return REVIEW_CLEARED;
    case CHANGE_ADOPTIONS:
    case CHANGE_INVITATIONS:
    case CHANGE_OTHER:
    case CHANGE_CLASSES_N: break;
    }
    return arrives ? REVIEW_ARRIVED : REVIEW_OTHER;
}

/* ---- what teams and managers are called ---- */

struct names {
    struct store *st;
    const struct run *run;
    struct arena *a;
    struct map teams, people; /* key -> struct text, as it is shown */
    const struct history_change *changes;
    size_t changes_n;
    bool has_joiners; /* of this run are in `people` */
};

static enum rc_code load_teams(struct names *n, struct rc_error *err) {
    struct version_team *teams;
    size_t teams_n = 0;
    enum rc_code rc = history_teams(n->st, n->run->company_id, n->run->integration_id,
                                    n->run->run_id, n->a, &teams, &teams_n, err);
    for (size_t i = 0; i < teams_n && rc == RC_OK; i++)
        map_set(&n->teams, teams[i].key.ptr, teams[i].key.len, &teams[i].name);
    return rc;
}

/* The name; where none is known, what stands in the key. */
static struct text team_name(const void *self, struct text key) {
    const struct names *n = self;
    const struct text *known = key.state == TEXT_SET ? map_find(&n->teams, key.ptr, key.len) : NULL;
    return known != NULL ? *known : key;
}

static void remember(struct names *n, struct text id, struct text name) {
    struct text *shown = ARENA_NEW(n->a, struct text, 1);
    *shown = name.state == TEXT_SET
                 ? text_of(arena_printf(n->a, "%.*s (%.*s)", TEXT_ARG(name), TEXT_ARG(id)))
                 : text_of(arena_printf(n->a, "%.*s (nobody we know)", TEXT_ARG(id)));
    map_set(&n->people, id.ptr, id.len, shown);
}

static enum rc_code manager_name(struct names *n, struct text id, struct text *ret,
                                 struct rc_error *err) {
    struct person p = { 0 };
    *ret = id;
    if (id.state != TEXT_SET)
        return RC_OK;
    for (size_t i = 0; i < n->changes_n && !n->has_joiners; i++) /* a manager may join with them */
        if (text_is(n->changes[i].field, "*"))
            remember(n, n->changes[i].source_id, n->changes[i].name);
    n->has_joiners = true;
    const struct text *known = map_find(&n->people, id.ptr, id.len);
    if (known == NULL) {
        struct text name = { 0 };
        enum rc_code rc =
            directory_find(n->st, n->run->company_id, n->run->integration_id, id, n->a, &p, err);
        if (rc != RC_OK && rc != RC_NOT_FOUND)
            return rc;
        RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 20);
        if (rc == RC_OK)
            name = version_name_of(reader, n->a, p.user);
        remember(n, id, name);
        known = map_find(&n->people, id.ptr, id.len);
    }
    *ret = *known;
    return RC_OK;
}

static enum rc_code names_of(struct names *n, const struct history_change *c, struct text *ret_old,
                             struct text *ret_new, struct rc_error *err) {
    enum rc_code rc = RC_OK;
    *ret_old = c->old;
    *ret_new = c->new;
    if (text_is(c->field, "primary_team")) {
        *ret_old = team_name(n, c->old);
        *ret_new = team_name(n, c->new);
    } else if (text_is(c->field, "secondary_teams")) {
        *ret_old = user_teams_named(c->old, ", ", team_name, n, n->a);
        *ret_new = user_teams_named(c->new, ", ", team_name, n, n->a);
    } else if (text_is(c->field, "manager") &&
               (rc = manager_name(n, c->old, ret_old, err)) == RC_OK) {
        rc = manager_name(n, c->new, ret_new, err);
    }
    return rc;
}

/* ---- parts ---- */

static struct text or_none(struct text t, const char *none) {
    return t.state == TEXT_SET ? t : text_of(none);
}

static struct text domain_of(struct text address) {
    const char *at = address.state == TEXT_SET ? memrchr(address.ptr, '@', address.len) : NULL;
    return at == NULL ? TEXT_LIT("no address")
                      : text_from(at + 1, (size_t)(address.ptr + address.len - at - 1));
}

static struct text from_to(struct arena *a, struct text from, struct text to) {
    return text_of(arena_printf(a, "%.*s -> %.*s", TEXT_ARG(from), TEXT_ARG(to)));
}

static struct text part_of(const struct names *n, enum review_group g,
                           const struct review_change *c) {
    const struct history_change *is = c->is;
    switch (g) {
    case REVIEW_UNANNOUNCED:
    case REVIEW_LEAVERS:
    case REVIEW_EXCLUDED: return or_none(team_name(n, is->team_before), "without a team");
    case REVIEW_JOINS:
    case REVIEW_RETURNS:
    case REVIEW_ARRIVED: return or_none(team_name(n, is->team), "without a team");
    case REVIEW_EMAIL: return from_to(n->a, domain_of(is->old), domain_of(is->new));
    case REVIEW_TEAM: return from_to(n->a, or_none(c->old, "no team"), or_none(c->new, "no team"));
    case REVIEW_LOCATION:
        return from_to(n->a, or_none(c->old, "no location"), or_none(c->new, "no location"));
    case REVIEW_MANAGER:
        return text_of(arena_printf(n->a, "to %.*s", TEXT_ARG(or_none(c->new, "nobody"))));
    case REVIEW_LEAVE_DATE:
        return is->old.state != TEXT_SET   ? TEXT_LIT("set")
               : is->new.state != TEXT_SET ? TEXT_LIT("withdrawn")
                                           : TEXT_LIT("moved");
    case REVIEW_CLEARED:
    case REVIEW_OTHER: return is->field;
    case REVIEW_NAME:
    case REVIEW_GROUPS_N: break;
    }
    return TEXT_NONE;
}

/* ---- sorting ---- */

struct item {
    enum review_group group;
    struct text part;
    struct review_change change;
};

static int compare_numbers(int64_t a, int64_t b) {
    return (a > b) - (a < b);
}

static int by_place(const void *x, const void *y) {
    const struct item *a = x, *b = y;
    const struct history_change *c = a->change.is, *d = b->change.is;
    int order = compare_numbers(a->group, b->group);
    if (order == 0)
        order = text_compare(a->part, b->part);
    if (order == 0)
        order = text_compare(c->name, d->name);
    if (order == 0)
        order = compare_numbers(c->user_id, d->user_id);
    return order != 0 ? order : text_compare(c->field, d->field);
}

static int by_size(const void *x, const void *y) {
    const struct review_part *a = x, *b = y;
    int order = compare_numbers((int64_t)b->people_n, (int64_t)a->people_n);
    return order != 0 ? order : text_compare(a->title, b->title);
}

static int by_number(const void *x, const void *y) {
    return compare_numbers(*(const int64_t *)x, *(const int64_t *)y);
}

/* Who has changes in two parts of a section is one person. */
static int64_t count_people(const struct item *items, size_t n, struct arena *a) {
    int64_t *ids = ARENA_NEW(a, int64_t, n + 1), people = 0;
    for (size_t i = 0; i < n; i++)
        ids[i] = items[i].change.is->user_id;
    qsort(ids, n, sizeof *ids, by_number);
    for (size_t i = 0; i < n; i++)
        people += i == 0 || ids[i] != ids[i - 1];
    return people;
}

/* The items of one part, sorted: a person for each run of equal ids. */
static void fill_part(const struct item *items, size_t n, struct review_change *changes,
                      struct arena *a, struct review_part *ret) {
    struct review_person *people = ARENA_NEW(a, struct review_person, n);
    size_t people_n = 0;
    for (size_t i = 0; i < n; i++) {
        changes[i] = items[i].change;
        if (i == 0 || items[i].change.is->user_id != items[i - 1].change.is->user_id)
            people[people_n++] = (struct review_person){ .changes = &changes[i] };
        people[people_n - 1].changes_n++;
    }
    *ret = (struct review_part){ items[0].part, people, people_n };
}

static void fill_section(const struct item *items, size_t n, struct arena *a,
                         struct review_section *ret) {
    struct review_change *changes = ARENA_NEW(a, struct review_change, n);
    size_t parts_n = 0;
    for (size_t i = 0; i < n; i++)
        parts_n += i == 0 || !text_equal(items[i].part, items[i - 1].part);
    *ret = (struct review_section){ .group = items[0].group,
                                    .people_n = count_people(items, n, a),
                                    .parts = ARENA_NEW(a, struct review_part, parts_n) };
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && text_equal(items[to].part, items[from].part);)
            to++;
        fill_part(items + from, to - from, changes + from, a, &ret->parts[ret->parts_n++]);
    }
    qsort(ret->parts, ret->parts_n, sizeof *ret->parts, by_size);
}

/* ---- the verdict ---- */

static void mark_over(struct review *r, struct text class_name) {
    enum change_class class = change_class_parse(class_name);
    for (size_t i = 0; i < r->sections_n; i++) {
        enum review_group g = r->sections[i].group;
        r->sections[i].is_over |= (class == CHANGE_JOINS && g == REVIEW_RETURNS) ||
                                  (class == CHANGE_LEAVERS && g == REVIEW_UNANNOUNCED) ||
                                  (class != CHANGE_OTHER && class != CHANGE_CLASSES_N &&
                                   text_is(class_name, review_group_name(g)));
    }
}

static void read_verdict(const struct run *run, struct arena *a, struct review *ret) {
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 20);
    json doc = NULL, key, value;
    const char *s;
    size_t len;
    if (run->verdict.state == TEXT_SET)
        (void)json_parse_copy(reader, run->verdict.ptr, run->verdict.len, &doc, NULL);
    json reasons = json_get(doc, "reasons");
    ret->reasons = ARENA_NEW(a, struct text, json_size(reasons) + 1);
    for (struct json_iter it = json_iter(reasons); json_next(&it, &key, &value);)
        if (json_str(value, &s, &len))
            ret->reasons[ret->reasons_n++] = text_copy(a, text_from(s, len));
    for (struct json_iter it = json_iter(json_get(doc, "findings")); json_next(&it, &key, &value);)
        if (json_str(json_get(value, "class"), &s, &len))
            mark_over(ret, text_from(s, len));
}

/* ---- all of it ---- */

/* Who leaves because HR's status is inactive has two changes for one fact: the status stands with
 * the lifecycle that came of it. Changes come by person and field, so the lifecycle is before. */
static bool explains(const struct history_change *c, const struct item *lifecycle) {
    return lifecycle != NULL && lifecycle->change.is->user_id == c->user_id &&
           text_is(c->field, user_field_name(USER_STATUS));
}

static enum rc_code place_all(struct names *n, struct item *items, struct rc_error *err) {
    const struct item *lifecycle = NULL;
    for (size_t i = 0; i < n->changes_n; i++) {
        const struct history_change *c = &n->changes[i];
        struct review_change shown = { .is = c };
        enum rc_code rc = names_of(n, c, &shown.old, &shown.new, err);
        if (rc != RC_OK)
            return rc;
        enum review_group g = review_group_of(c->class, c->field);
        items[i] = explains(c, lifecycle)
                       ? (struct item){ lifecycle->group, lifecycle->part, shown }
                       : (struct item){ g, part_of(n, g, &shown), shown };
        if (text_is(c->field, "lifecycle"))
            lifecycle = &items[i];
    }
    return RC_OK;
}

static enum rc_code sort_out(struct names *n, struct review *ret, struct rc_error *err) {
    struct item *items = ARENA_NEW(n->a, struct item, n->changes_n + 1);
    enum rc_code rc = load_teams(n, err);
    if (rc != RC_OK || (rc = place_all(n, items, err)) != RC_OK)
        return rc;
    qsort(items, n->changes_n, sizeof *items, by_place);
    for (size_t from = 0, to; from < n->changes_n; from = to) {
        for (to = from + 1; to < n->changes_n && items[to].group == items[from].group;)
            to++;
        fill_section(items + from, to - from, n->a, &ret->sections[ret->sections_n++]);
    }
    return RC_OK;
}

enum rc_code review_build(struct store *st, const struct run *r, size_t most, struct arena *a,
                          struct review *ret, struct rc_error *err) {
    struct history_change *changes;
    struct names n = { .st = st, .run = r, .a = a };
    memset(ret, 0, sizeof *ret);
    enum rc_code rc =
        history_changes(st, r->company_id, r->run_id, most, a, &changes, &n.changes_n, err);
    if (rc != RC_OK)
        return rc;
    n.changes = changes;
    ret->changes_n = n.changes_n;
    map_init(&n.teams);
    map_init(&n.people);
    if ((rc = sort_out(&n, ret, err)) == RC_OK)
        read_verdict(r, a, ret);
    map_done(&n.teams);
    map_done(&n.people);
    return rc;
}
