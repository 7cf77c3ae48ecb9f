/* control_life.c - what happens in a company in a week, by a seed: /_control/life; and renamed
 * units: /_control/rename-unit. */
#include <stdio.h>
#include <string.h>
#include "base/rng.h"
#include "sandbox/names.h"
#include "sandbox/personio/personio.h"

struct life {
    struct sandbox *sb;
    struct rng rng;
    struct json_writer w;
    uint32_t now_s;
    uint64_t changed; /* of the person whom something is happening to */
};

/* Somebody who works here, or whose employment is over; or NOBODY when no one was met in so many
 * tries. */
static uint32_t meet(struct life *l, bool gone) {
    const struct world *w = &personio_of(l->sb)->world;
    for (int tries = 0; tries < 200 && w->n > 0; tries++) {
        uint32_t index = rng_below(&l->rng, (uint32_t)w->n);
        const struct person *p = &w->people[index];
        bool works = (p->status == STATUS_ACTIVE || p->status == STATUS_LEAVE) &&
                     p->termination == DATE_NONE;
        if (p->exists && (gone ? p->status == STATUS_INACTIVE : works))
            return index;
    }
    return NOBODY;
}

static void tell(struct life *l, const char *what, uint32_t index, const char *attribute,
                 const char *to) {
    json_object(&l->w, NULL);
    json_put_cstr(&l->w, "what", what);
    json_put_int(&l->w, "id", personio_of(l->sb)->world.people[index].id);
    if (attribute != NULL) {
        json_put_cstr(&l->w, "attribute", attribute);
        json_put_cstr(&l->w, "to", to);
    }
    json_object_end(&l->w);
}

static void set(struct life *l, const char *what, uint32_t index, enum attr a, const char *value) {
    if (world_set(&personio_of(l->sb)->world, index, a, text_of(value), l->now_s, NULL) != RC_OK)
        return;
    l->changed |= ATTR_BIT(a);
    tell(l, what, index, attr_rows[a].key, value);
}

static void join(struct life *l) {
    uint32_t index = control_hire(l->sb, NULL, l->now_s);
    struct person *p = &personio_of(l->sb)->world.people[index];
    if (rng_below(&l->rng, 3) == 0) { /* begins later */
        p->hire += 1 + (date_days)rng_below(&l->rng, 60);
        p->status = STATUS_ONBOARDING;
    }
    hooks_person_came(l->sb, index);
    tell(l, "join", index, NULL, NULL);
}

static void leave(struct life *l, uint32_t index) {
    char day[DATE_TEXT_BYTES];
    struct person *p = &personio_of(l->sb)->world.people[index];
    world_keep(&personio_of(l->sb)->world, index);
    p->status = STATUS_INACTIVE;
    p->last_day = personio_of(l->sb)->world.today - 1;
    set(l, "leave", index, ATTR_TERMINATION_DATE,
        date_format(personio_of(l->sb)->world.today - 1, day));
    world_touch(&personio_of(l->sb)->world, index, ATTR_BIT(ATTR_STATUS) | ATTR_BIT(ATTR_LAST_DAY),
                l->now_s);
    hooks_person_left(l->sb, index);
}

static void give_notice(struct life *l, uint32_t index) {
    char day[DATE_TEXT_BYTES];
    date_days last = personio_of(l->sb)->world.today + 1 + (date_days)rng_below(&l->rng, 90);
    set(l, "notice", index, ATTR_TERMINATION_DATE, date_format(last, day));
}

static void rename_person(struct life *l, uint32_t index) {
    const struct name *name = name_last(names_pick_last(&l->rng));
    char text[WORLD_SCRATCH];
    snprintf(text, sizeof text, "%s", name->text);
    set(l, "rename", index, ATTR_LAST_NAME, text);
}

static void move(struct life *l, uint32_t index) {
    const struct world *w = &personio_of(l->sb)->world;
    const struct unit *team =
        &w->units[UNIT_TEAM].all[rng_below(&l->rng, (uint32_t)w->units[UNIT_TEAM].n)];
    if (team->parent != NO_UNIT)
        set(l, "move", index, ATTR_DEPARTMENT, w->units[UNIT_DEPARTMENT].all[team->parent].name);
    set(l, "move", index, ATTR_TEAM, team->name);
    if (rng_below(&l->rng, 4) == 0)
        set(l, "move", index, ATTR_OFFICE,
            w->units[UNIT_OFFICE].all[rng_below(&l->rng, (uint32_t)w->units[UNIT_OFFICE].n)].name);
}

static void new_email(struct life *l, uint32_t index) {
    struct person *p = &personio_of(l->sb)->world.people[index];
    char text[WORLD_SCRATCH];
    snprintf(text, sizeof text, "%s.%s.%u@nordkap.example", name_first(p->first)->ascii,
             name_last(p->last)->ascii, p->id % 100000 + rng_below(&l->rng, 1000) * 100000);
    set(l, "email", index, ATTR_EMAIL, text);
}

static void new_manager(struct life *l, uint32_t index) {
    char id[16];
    if (index == 0)
        return;
    uint32_t boss = rng_below(&l->rng, index); /* stands before: no circle */
    snprintf(id, sizeof id, "%u", personio_of(l->sb)->world.people[boss].id);
    set(l, "manager", index, ATTR_SUPERVISOR, id);
}

static void remove_person(struct life *l, uint32_t index) {
    world_remove(&personio_of(l->sb)->world, index, l->now_s);
    hooks_person_removed(l->sb, index);
    tell(l, "remove", index, NULL, NULL);
}

/* Somebody whose employment is over comes back: under the old id, or under a new one with the old
 * name and address. */
static void rehire(struct life *l, uint32_t index) {
    struct world *w = &personio_of(l->sb)->world;
    if (rng_below(&l->rng, 2) == 0) {
        world_keep(w, index);
        w->people[index].status = STATUS_ACTIVE;
        w->people[index].hire = w->today;
        w->people[index].termination = w->people[index].last_day = DATE_NONE;
        world_touch(w, index, ATTRS_ALL, l->now_s);
        hooks_person_rehired(l->sb, index);
        tell(l, "rehire", index, "id", "same");
        return;
    }
    uint32_t again = control_hire(l->sb, NULL, l->now_s);
    struct person *p = &w->people[again], *old = &w->people[index];
    p->first = old->first;
    p->last = old->last;
    p->gender = old->gender;
    p->email_of = index;
    hooks_person_came(l->sb, again);
    tell(l, "rehire", again, "id", "new");
}

static const struct {
    const char *key;
    void (*happen)(struct life *l, uint32_t index);
} happenings[] = {
    { "leaves", leave },          { "notices", give_notice },
    { "renames", rename_person }, { "moves", move },
    { "emails", new_email },      { "managers", new_manager },
    { "removes", remove_person }, { "rehires", rehire },
};

static void live(struct call *c, json body) {
    struct buf b;
    struct life l = { .sb = c->sb, .now_s = (uint32_t)(vclock_now_us(&c->sb->clock) / 1000000) };
    int64_t seed = 1, n = 0;
    buf_init(&b, ANSWER_BYTES_MAX);
    json_int(json_get(body, "seed"), &seed);
    rng_init(&l.rng, (uint64_t)seed, 21);
    json_begin(&l.w, &b);
    json_object(&l.w, NULL);
    json_array(&l.w, "did");
    for (size_t i = 0; i < RC_LEN(happenings); i++) {
        n = 0;
        json_int(json_get(body, happenings[i].key), &n);
        for (; n > 0; n--) {
            uint32_t index = meet(&l, happenings[i].happen == rehire);
            l.changed = 0;
            if (index != NOBODY)
                happenings[i].happen(&l, index);
            if (l.changed != 0) /* one edit, however many attributes */
                hooks_person_changed(l.sb, index, l.changed);
        }
    }
    n = 0;
    json_int(json_get(body, "joins"), &n);
    for (; n > 0 && personio_of(c->sb)->world.n < WORLD_PEOPLE_MAX; n--)
        join(&l);
    json_array_end(&l.w);
    json_object_end(&l.w);
    personio_changed(c->sb);
    answer_buf(c, 200, "application/json", &b);
    buf_done(&b);
}

static void rename_unit(struct call *c, json body) {
    static const char *const names[UNIT_KINDS] = { "team", "department", "office", "subcompany",
                                                   "cost_center" };
    const char *kind = "", *from = "", *to = "";
    size_t kind_n, from_n = 0, to_n = 0;
    json_str(json_get(body, "kind"), &kind, &kind_n);
    json_str(json_get(body, "from"), &from, &from_n);
    json_str(json_get(body, "to"), &to, &to_n);
    for (size_t k = 0; k < UNIT_KINDS; k++) {
        struct units *units = &personio_of(c->sb)->world.units[k];
        uint16_t at = strcmp(names[k], kind) == 0 ? unit_find(units, from, from_n) : NO_UNIT;
        if (at != NO_UNIT && to_n > 0 && to_n < WORLD_SCRATCH) {
            mem_free(units->all[at].name);
            units->all[at].name = mem_str(to);
            personio_of(c->sb)->world.members++;
            hooks_unit_renamed(c->sb, (enum unit_kind)k, at);
            personio_changed(c->sb);
            answer_json(c, 200, "{\"id\":%u}", units->all[at].id);
            return;
        }
    }
    answer_json(c, 404,
                "{\"error\":\"no such unit: {kind: team|department|office|subcompany|cost_center, "
                "from, to}\"}");
}

bool control_life(struct call *c, const char *path, json body) {
    if (control_is(c, "POST", path, "life"))
        live(c, body);
    else if (control_is(c, "POST", path, "rename-unit"))
        rename_unit(c, body);
    else
        return false;
    return true;
}
