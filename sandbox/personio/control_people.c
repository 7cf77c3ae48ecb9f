/* control_people.c - the truth, and edits of one person: /_control/truth, /_control/people. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/rng.h"
#include "sandbox/names.h"
#include "sandbox/personio/personio.h"

static const enum attr truths[] = {
    ATTR_STATUS,   ATTR_FIRST_NAME,   ATTR_LAST_NAME,    ATTR_PREFERRED_NAME,
    ATTR_EMAIL,    ATTR_POSITION,     ATTR_HIRE_DATE,    ATTR_TERMINATION_DATE,
    ATTR_LAST_DAY, ATTR_CONTRACT_END, ATTR_TEAM,         ATTR_DEPARTMENT,
    ATTR_OFFICE,   ATTR_SUBCOMPANY,   ATTR_COST_CENTERS, ATTR_NUMBER,
};

static void write_truth(struct json_writer *w, const struct world *world, const struct person *p) {
    char scratch[WORLD_SCRATCH];
    json_object(w, NULL);
    json_put_int(w, "id", p->id);
    for (size_t i = 0; i < RC_LEN(truths); i++)
        json_put_text(w, attr_rows[truths[i]].key, world_text(world, p, truths[i], scratch));
    if (p->supervisor == NOBODY)
        json_put_null(w, "supervisor");
    else
        json_put_int(w, "supervisor", world->people[p->supervisor].id);
    json_put_bool(w, "exists", p->exists);
    json_object_end(w);
}

static void truth_of_all(struct call *c) {
    const struct world *world = &personio_of(c->sb)->world;
    const char *from = server_argument(c->q, "from", 0), *limit = server_argument(c->q, "limit", 0);
    size_t first = from ? strtoull(from, NULL, 10) : 0,
           left = limit ? strtoull(limit, NULL, 10) : SIZE_MAX;
    struct json_answer o;
    answer_begin(&o);
    json_object(&o.w, NULL);
    json_put_int(&o.w, "total", (int64_t)world->n);
    json_array(&o.w, "people");
    for (size_t i = first; i < world->n && left > 0 && !o.buf.full; i++, left--)
        write_truth(&o.w, world, &world->people[i]);
    json_array_end(&o.w);
    json_object_end(&o.w);
    answer_end(&o, c, 200);
}

static void answer_person(struct call *c, int status, uint32_t index) {
    struct json_answer o;
    answer_begin(&o);
    write_truth(&o.w, &personio_of(c->sb)->world, &personio_of(c->sb)->world.people[index]);
    answer_end(&o, c, status);
}

/* ---- edits ---- */

static enum rc_code set_all(struct call *c, uint32_t index, json body, uint32_t now_s,
                            uint64_t *ret_attrs, uint64_t *ret_changed, struct rc_error *err) {
    const struct world *w = &personio_of(c->sb)->world;
    char scratch[WORLD_SCRATCH];
    json name, value;
    const char *key;
    size_t len;
    enum rc_code rc = RC_OK;
    *ret_attrs = *ret_changed = 0;
    if (body != NULL && json_type(body) != JSON_OBJECT)
        return rc_fail(err, RC_INVALID, "an object of attributes and values");
    for (struct json_iter it = json_iter(body); rc == RC_OK && json_next(&it, &name, &value);) {
        enum attr a = json_str(name, &key, &len) ? attr_find(key, len) : ATTR_COUNT;
        if (a == ATTR_COUNT) {
            rc = rc_fail(err, RC_INVALID, "there is no attribute '%s'",
                         json_str(name, &key, &len) ? key : "?");
            break;
        }
        struct text was = world_text(w, &w->people[index], a, scratch);
        was.ptr = was.state == TEXT_SET ? arena_copy(c->q->arena, was.ptr, was.len) : NULL;
        if ((rc = world_set(&personio_of(c->sb)->world, index, a, control_text(c->q->arena, value),
                            now_s, err)) == RC_OK)
            *ret_attrs |= ATTR_BIT(a);
        if (a == ATTR_PICTURE || !text_equal(was, world_text(w, &w->people[index], a, scratch)))
            *ret_changed |= ATTR_BIT(a);
    }
    return rc;
}

/* Drops the pages that show this person, or all of them where others may show something of it too.
 * */
static void pages_after_edit(struct sandbox *sb, uint32_t index, uint64_t attrs,
                             uint64_t members_before) {
    bool listed_by_status = sw(sb, SW_LIST_INACTIVE) && (attrs & ATTR_BIT(ATTR_STATUS));
    if (personio_of(sb)->world.members != members_before || listed_by_status ||
        sw(sb, SW_SUPERVISOR_NAMES) || (attrs & ATTR_BIT(ATTR_EMAIL)) ||
        sw(sb, SW_LIST_ROW_MOVES)) {
        personio_changed(sb);
        return;
    }
    for (size_t i = 0; i < sb->credentials.n; i++) {
        const struct reader *k = reader_of(sb->credentials.all[i]);
        for (size_t row = 0; row < k->rows_n; row++)
            if (k->rows[row] == index)
                cache_drop_row(&personio_of(sb)->cache, k->key.number, row);
    }
}

static uint32_t now_s_of(struct sandbox *sb) {
    return (uint32_t)(vclock_now_us(&sb->clock) / 1000000);
}

static void edit(struct call *c, uint32_t index, json body) {
    struct rc_error err;
    uint64_t attrs = 0, changed = 0, members = personio_of(c->sb)->world.members;
    enum rc_code rc = set_all(c, index, body, now_s_of(c->sb), &attrs, &changed, &err);
    hooks_person_changed(c->sb, index, changed);
    pages_after_edit(c->sb, index, attrs,
                     members); /* what came before a wrong value has been set */
    if (rc != RC_OK)
        control_refused(c, rc, &err);
    else
        answer_person(c, 200, index);
}

uint32_t control_hire(struct sandbox *sb, json body, uint32_t now_s) {
    struct world *w = &personio_of(sb)->world;
    struct rng rng;
    bool named = json_get(body, "first_name") != NULL || json_get(body, "last_name") != NULL;
    uint32_t index = world_append(w), peer;
    world_keep_none(w, index);
    struct person *p = &w->people[index];
    rng_init(&rng, w->seed, p->id);
    names_pick(&rng, &p->first, &p->last);
    char gender = name_first(p->first)->gender;
    p->gender = (uint8_t)(gender == 'f' ? 0 : gender == 'm' ? 1 : 2);
    p->hire = w->today;
    p->created_s = p->modified_s = now_s;
    p->position = (uint16_t)rng_below(&rng, 16);
    if (named)
        p->quirks = QUIRK_NO_EMAIL; /* an address of made-up names would surprise */
    else
        world_name_email(w, p);
    if (index > 0) { /* sits where somebody else sits */
        peer = rng_below(&rng, index);
        memcpy(p->unit, w->people[peer].unit, sizeof p->unit);
        p->supervisor = w->people[peer].supervisor;
    }
    world_touch(w, index, ATTRS_ALL, now_s);
    return index;
}

static void add(struct call *c, json body) {
    struct rc_error err;
    uint64_t attrs, changed;
    uint32_t index = control_hire(c->sb, body, now_s_of(c->sb));
    struct person *p = &personio_of(c->sb)->world.people[index];
    enum rc_code rc = set_all(c, index, body, now_s_of(c->sb), &attrs, &changed, &err);
    if (rc != RC_OK)
        p->exists = false; /* its id is one of the gaps then */
    else if ((attrs & ATTR_BIT(ATTR_STATUS)) == 0 && p->hire != DATE_NONE &&
             p->hire > personio_of(c->sb)->world.today)
        p->status = STATUS_ONBOARDING; /* as Personio does without a status */
    if (rc == RC_OK)
        hooks_person_came(c->sb, index);
    personio_changed(c->sb);
    if (rc != RC_OK)
        control_refused(c, rc, &err);
    else
        answer_person(c, 201, index);
}

bool control_people(struct call *c, const char *path, json body) {
    struct world *w = &personio_of(c->sb)->world;
    bool one = control_is(c, "GET", path, "truth/") || control_is(c, "PATCH", path, "people/") ||
               control_is(c, "DELETE", path, "people/");
    if (control_is(c, "GET", path, "truth"))
        truth_of_all(c);
    else if (control_is(c, "POST", path, "people"))
        add(c, body);
    else if (!one)
        return false;
    if (!one)
        return true;
    uint32_t index = world_find(w, strtoll(strchr(path, '/') + 1, NULL, 10));
    if (index == NOBODY) {
        answer_json(c, 404, "{\"error\":\"there is no person with this id\"}");
    } else if (*c->q->method == 'G') {
        answer_person(c, 200, index);
    } else if (*c->q->method == 'P') {
        edit(c, index, body);
    } else {
        bool was_there = w->people[index].exists;
        world_remove(w, index, now_s_of(c->sb));
        if (was_there)
            hooks_person_removed(c->sb, index);
        personio_changed(c->sb);
        answer_person(c, 200, index);
    }
    return true;
}
