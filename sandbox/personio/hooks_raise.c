/* hooks_raise.c - which events an edit raises, and which edits raise none: pictures, renamed units,
 * jobs, and attributes that are neither of the person nor of the employment.
 * Source: docs/wire-personio.md, webhooks: events. */
#include <stdio.h>
#include <string.h>
#include "sandbox/personio/personio.h"

#define OF_PERSON                                                                                  \
    (ATTR_BIT(ATTR_FIRST_NAME) | ATTR_BIT(ATTR_LAST_NAME) | ATTR_BIT(ATTR_PREFERRED_NAME) |        \
     ATTR_BIT(ATTR_EMAIL) | ATTR_BIT(ATTR_GENDER) | (ATTRS_ALL & ~(ATTR_BIT(ATTR_LICENCE) - 1)))
#define DATES                                                                                      \
    (ATTR_BIT(ATTR_HIRE_DATE) | ATTR_BIT(ATTR_CONTRACT_END) | ATTR_BIT(ATTR_TERMINATION_DATE) |    \
     ATTR_BIT(ATTR_PROBATION_END) | ATTR_BIT(ATTR_LAST_DAY))
#define OF_EMPLOYMENT                                                                              \
    (DATES | ATTR_BIT(ATTR_STATUS) | ATTR_BIT(ATTR_POSITION) | ATTR_BIT(ATTR_SUPERVISOR) |         \
     ATTR_BIT(ATTR_EMPLOYMENT_TYPE) | ATTR_BIT(ATTR_HOURS) | ATTR_BIT(ATTR_TERMINATION_TYPE) |     \
     ATTR_BIT(ATTR_TERMINATION_REASON) | ATTR_BIT(ATTR_SUBCOMPANY) | ATTR_BIT(ATTR_OFFICE) |       \
     ATTR_BIT(ATTR_DEPARTMENT) | ATTR_BIT(ATTR_TEAM) | ATTR_BIT(ATTR_COST_CENTERS))

enum { UNKNOWN_ID_SHIFT = 900000000 }; /* ids nobody has: not yet, or no more */

/* ---- payloads ---- */

void hooks_payload(const struct sandbox *sb, const char *name, int64_t person, struct buf *ret) {
    bool employment = strncmp(name, "employment.", 11) == 0;
    char id[UUID_BYTES + 8];
    if (person == 0) {
        buf_str(ret, "{}");
        return;
    }
    snprintf(id, sizeof id, "6d0f0c52-7e0e-4b1c-9a39-%012llx", (unsigned long long)person);
    if (sw(sb, SW_HOOK_PAYLOAD) == 1) {
        if (employment)
            buf_printf(ret, "{\"id\":\"%s\"}", id);
        else
            buf_printf(ret, "{\"id\":\"%lld\"}", (long long)person);
        return;
    }
    buf_char(ret, '{');
    if (!employment || !sw(sb, SW_HOOK_NO_PERSON))
        buf_printf(ret, "\"person\":{\"id\":\"%lld\"}%s", (long long)person, employment ? "," : "");
    if (employment)
        buf_printf(ret, "\"employment\":{\"id\":\"%s\"}", id);
    buf_char(ret, '}');
}

void hooks_raise(struct sandbox *sb, const char *name, int64_t person, int64_t occurred_us) {
    struct hooks *h = &personio_of(sb)->hooks;
    uint32_t mask = 0, everybody = 0;
    struct buf payload;
    pthread_mutex_lock(&h->lock);
    for (unsigned i = 0; i < HOOKS_MAX; i++) {
        everybody |= (uint32_t)(h->all[i].number != 0) << i;
        if (h->all[i].number != 0 && hook_wants(&h->all[i], name))
            mask |= UINT32_C(1) << i;
    }
    if (mask != 0 && person != 0 && (int64_t)(h->events_n * 37 % 100) < sw(sb, SW_HOOK_UNKNOWN_IDS))
        person += UNKNOWN_ID_SHIFT;
    buf_init(&payload, 4096);
    hooks_payload(sb, name, person, &payload);
    buf_char(&payload, '\0');
    if (mask != 0)
        hooks_note(h, name, occurred_us, mask, payload.ptr, false);
    if (everybody != 0 && sw(sb, SW_HOOK_UNKNOWN_NAMES)) /* whatever was ticked */
        hooks_note(h, "person.reincarnated", occurred_us, everybody, payload.ptr, false);
    buf_done(&payload);
    pthread_mutex_unlock(&h->lock);
}

static void raise(struct sandbox *sb, const char *name, uint32_t index) {
    hooks_raise(sb, name, personio_of(sb)->world.people[index].id, vclock_now_us(&sb->clock));
}

/* ---- edits ---- */

void hooks_person_came(struct sandbox *sb, uint32_t index) {
    raise(sb, "person.created", index);
    raise(sb, "employment.created", index);
    if (sw(sb, SW_HOOK_THEN_UPDATED)) {
        raise(sb, "person.updated", index);
        raise(sb, "employment.updated", index);
    }
}

/* Whether all that changed are dates, and none of them has come. */
static bool is_due_later(const struct sandbox *sb, uint32_t index, uint64_t attrs) {
    struct world *w = &personio_of(sb)->world;
    if ((attrs & ~DATES) != 0)
        return false;
    for (; attrs != 0; attrs &= attrs - 1) {
        const date_days *day = world_day(&w->people[index], (enum attr)__builtin_ctzll(attrs));
        if (day == NULL || *day == DATE_NONE || *day <= w->today)
            return false;
    }
    return true;
}

void hooks_person_changed(struct sandbox *sb, uint32_t index, uint64_t attrs) {
    attrs &= ~personio_of(sb)->hooks.silent;
    bool of_person = (attrs & OF_PERSON) != 0, of_employment = (attrs & OF_EMPLOYMENT) != 0;
    if ((attrs & ATTR_BIT(ATTR_PICTURE)) != 0 && sw(sb, SW_HOOK_PICTURE))
        of_person = true;
    if (of_employment && sw(sb, SW_HOOK_DATED) == 1 &&
        is_due_later(sb, index, attrs & OF_EMPLOYMENT))
        of_employment = false;
    if (sw(sb, SW_HOOK_BOTH) && (of_person || of_employment))
        of_person = of_employment = true;
    if (of_person)
        raise(sb, "person.updated", index);
    if (of_employment)
        raise(sb, "employment.updated", index);
}

void hooks_person_rehired(struct sandbox *sb, uint32_t index) {
    raise(sb, "employment.created", index);
    raise(sb, "employment.started", index);
}

void hooks_person_left(struct sandbox *sb, uint32_t index) {
    raise(sb, "employment.terminated", index);
}

void hooks_person_removed(struct sandbox *sb, uint32_t index) {
    raise(sb, "person.deleted", index);
    raise(sb, "employment.deleted", index);
}

void hooks_unit_renamed(struct sandbox *sb, enum unit_kind kind, uint16_t unit) {
    const struct world *w = &personio_of(sb)->world;
    if (!sw(sb, SW_HOOK_RENAMES))
        return;
    for (size_t i = 0; i < w->n; i++)
        if (w->people[i].exists && w->people[i].unit[kind] == unit)
            raise(sb, "employment.updated", (uint32_t)i);
}

/* ---- the calendar ---- */

static int64_t midnight_of(const struct sandbox *sb, date_days day) {
    return ((int64_t)day * 86400 - vclock_day_offset_s(&sb->clock, day)) * 1000000;
}

void hooks_day_begins(struct sandbox *sb, date_days today) {
    const struct world *w = &personio_of(sb)->world;
    for (size_t i = 0; i < w->n; i++) {
        const struct person *p = &w->people[i];
        bool starts = p->status == STATUS_ONBOARDING && p->hire != DATE_NONE && p->hire <= today;
        bool ends =
            p->status != STATUS_INACTIVE && p->termination != DATE_NONE && p->termination < today;
        if (!p->exists || (!starts && !ends))
            continue;
        if (starts)
            hooks_raise(sb, "employment.started", p->id, midnight_of(sb, p->hire));
        if (ends)
            hooks_raise(sb, "employment.terminated", p->id, midnight_of(sb, p->termination + 1));
        if (sw(sb, SW_HOOK_DATED) != 0)
            hooks_raise(sb, "employment.updated", p->id,
                        midnight_of(sb, starts ? p->hire : p->termination + 1));
    }
}
