/* What there is on the platform in memory: accounts, teams, who is in them, and how they are shown. */
#include "destination/memory_p.h"

#include <string.h>
#include <strings.h>

void *memory_grown(void *rows, size_t each_bytes, size_t n, size_t *cap) {
    if (n < *cap)
        return rows;
    *cap = *cap == 0 ? 16 : *cap * 2;
    return mem_realloc(rows, *cap * each_bytes);
}

struct text memory_keep(struct memory_platform *m, struct text t) {
    return text_copy(&m->arena, t);
}

static struct text new_id(struct memory_platform *m) {
    return text_of(arena_printf(&m->arena, "%lld", (long long)++m->last_id));
}

struct memory_platform_account *memory_account_at(struct memory_platform *m, struct text id) {
    for (size_t i = 0; i < m->accounts_n; i++)
        if (m->accounts[i].exists && text_equal(m->accounts[i].is.remote_id, id))
            return &m->accounts[i];
    return NULL;
}

struct memory_platform_team *memory_team_at(struct memory_platform *m, struct text id) {
    for (size_t i = 0; i < m->teams_n; i++)
        if (m->teams[i].exists && text_equal(m->teams[i].is.remote_id, id))
            return &m->teams[i];
    return NULL;
}

bool memory_same_address(struct text a, struct text b) {
    return a.state == TEXT_SET && b.state == TEXT_SET && a.len == b.len &&
           strncasecmp(a.ptr, b.ptr, a.len) == 0;
}

struct memory_platform_account *memory_platform_find(struct memory_platform *m,
                                                     struct text remote_id) {
    return memory_account_at(m, remote_id);
}

static struct account_custom *custom_at(const struct account *a, struct text name) {
    for (size_t i = 0; i < a->custom_n; i++)
        if (text_equal(a->custom[i].name, name))
            return (struct account_custom *)(uintptr_t)&a->custom[i];
    return NULL;
}

struct text memory_platform_field(struct memory_platform *m, struct text remote_id,
                                  const char *name) {
    struct memory_platform_account *a = memory_account_at(m, remote_id);
    if (a == NULL)
        return text_of(NULL);
    for (enum user_field f = 0; f < USER_FIELDS_N; f++)
        if (strcmp(user_field_name(f), name) == 0)
            return a->is.fields[f].known;
    const struct account_custom *c = custom_at(&a->is, text_of(name));
    return c != NULL ? c->field.known : text_of(NULL);
}

unsigned memory_platform_mails_to(const struct memory_platform *m, struct text remote_id) {
    unsigned n = 0;
    for (size_t i = 0; i < m->mails_n; i++)
        n += text_equal(m->mails[i].remote_id, remote_id);
    return n;
}

struct account *memory_account_new(struct memory_platform *m) {
    MEMORY_GROW(m, accounts);
    struct memory_platform_account *a = &m->accounts[m->accounts_n++];
    *a = (struct memory_platform_account){ .exists = true };
    a->is.remote_id = new_id(m);
    a->is.external_id = TEXT_NONE;
    a->is.role = TEXT_LIT("viewer");
    a->is.status = ACCOUNT_ACTIVE;
    a->is.invited_on = DATE_NONE;
    for (enum user_field f = 0; f < USER_FIELDS_N; f++)
        a->is.fields[f].known = TEXT_NONE;
    return &a->is;
}

void memory_put_custom(struct memory_platform *m, struct account *a, struct text name,
                       struct text value) {
    struct account_custom *c = custom_at(a, name);
    if (c == NULL) {
        struct account_custom *all = ARENA_NEW(&m->arena, struct account_custom, a->custom_n + 1);
        if (a->custom_n > 0)
            memcpy(all, a->custom, a->custom_n * sizeof *all);
        c = &all[a->custom_n];
        c->name = memory_keep(m, name);
        a->custom = all;
        a->custom_n++;
    }
    c->field.known = value.state == TEXT_SET ? memory_keep(m, value) : TEXT_NONE;
}

static void put(struct memory_platform *m, struct account *a, const char *pair) {
    size_t key = strcspn(pair, "=");
    struct text name = text_from(pair, key), value = text_of(pair + key + (pair[key] == '='));
    if (text_is(name, "external_id")) {
        a->external_id = memory_keep(m, value);
        return;
    }
    if (text_is(name, "role")) {
        a->role = memory_keep(m, value);
        return;
    }
    if (text_is(name, "mail")) {
        a->mail = account_mail_parse(value);
        return;
    }
    if (text_is(name, "status")) {
        a->status = account_status_parse(value);
        return;
    }
    for (enum user_field f = 0; f < USER_FIELDS_N; f++)
        if (text_is(name, user_field_name(f))) {
            a->fields[f].known = memory_keep(m, value);
            return;
        }
    memory_put_custom(m, a, name, value);
}

struct text memory_platform_put(struct memory_platform *m, const char *const *fields) {
    struct account *a = memory_account_new(m);
    for (; *fields != NULL; fields++)
        put(m, a, *fields);
    return a->remote_id;
}

struct text memory_platform_put_team(struct memory_platform *m, const char *name,
                                     const char *external_id) {
    MEMORY_GROW(m, teams);
    struct memory_platform_team *t = &m->teams[m->teams_n++];
    *t = (struct memory_platform_team){ .exists = true };
    t->is.remote_id = new_id(m);
    t->is.name = memory_keep(m, text_of(name));
    t->is.external_id = external_id != NULL ? memory_keep(m, text_of(external_id)) : TEXT_NONE;
    return t->is.remote_id;
}

/* ---- memberships ---- */

bool memory_is_among(struct text ids, struct text id) {
    struct text one;
    for (size_t at = 0; user_teams_next(ids, &at, &one);)
        if (text_equal(one, id))
            return true;
    return false;
}

/* With `add` and without `drop`; either may be missing. */
void memory_teams_set(struct memory_platform *m, struct account *a, struct text add,
                      struct text drop) {
    struct text now = a->fields[USER_SECONDARY_TEAMS].known, one;
    struct text ids[USER_TEAMS_BYTES / 2];
    size_t n = 0;
    for (size_t at = 0; user_teams_next(now, &at, &one);)
        if (!memory_is_among(drop, one))
            ids[n++] = one;
    for (size_t at = 0; user_teams_next(add, &at, &one) && n < RC_LEN(ids);)
        if (!memory_is_among(now, one))
            ids[n++] = one;
    if (user_teams_join(&m->arena, ids, n, &now) == RC_OK)
        a->fields[USER_SECONDARY_TEAMS].known = now;
}

static int64_t members_of(const struct memory_platform *m, struct text team) {
    int64_t n = 0;
    for (size_t i = 0; i < m->accounts_n; i++) {
        const struct account *a = &m->accounts[i].is;
        n +=
            m->accounts[i].exists && (text_equal(a->fields[USER_PRIMARY_TEAM].known, team) ||
                                      memory_is_among(a->fields[USER_SECONDARY_TEAMS].known, team));
    }
    return n;
}

/* ---- as it is shown ---- */

void memory_show(const struct account *a, struct arena *arena, struct account *ret) {
    struct account_custom *custom = ARENA_NEW(arena, struct account_custom, a->custom_n + 1);
    *ret = *a;
    ret->remote_id = text_copy(arena, a->remote_id);
    ret->external_id = text_copy(arena, a->external_id);
    ret->role = text_copy(arena, a->role);
    for (enum user_field f = 0; f < USER_FIELDS_N; f++)
        ret->fields[f].known = text_copy(arena, a->fields[f].known);
    ret->fields[USER_EMAIL].known = text_fold_ascii(arena, ret->fields[USER_EMAIL].known);
    ret->fields[USER_STATUS].known = ret->fields[USER_EXCLUDED].known = text_of(NULL);
    for (size_t i = 0; i < a->custom_n; i++) {
        custom[i].name = text_copy(arena, a->custom[i].name);
        custom[i].field.known = text_copy(arena, a->custom[i].field.known);
    }
    ret->custom = custom;
}

void memory_show_team(const struct memory_platform *m, const struct destination_team *t,
                      struct arena *arena, struct destination_team *ret) {
    *ret =
        (struct destination_team){ text_copy(arena, t->remote_id), text_copy(arena, t->external_id),
                                   text_copy(arena, t->name), members_of(m, t->remote_id) };
}
