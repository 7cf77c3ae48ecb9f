#include "sandbox/learnamp/platform.h"
#include <string.h>
#include "base/arena.h"

const char *const role_names[ROLES] = { "viewer", "curator", "reporter", "learning_designer",
                                        "hr",     "admin",   "owner" };
const char *const status_names[STATUSES] = { "not_invited", "invite_scheduled", "invite_pending",
                                             "confirmed",   "deactivated",      "anonymised",
                                             "external" };
const char *const language_codes[] = { "en", "en-US", "de",    "es",    "es-CO", "fr", "fr-CA",
                                       "it", "nl",    "pt-BR", "pl",    "ru",    "no", "sv",
                                       "da", "zh-CN", "zh-TW", "ja",    "ar",    "sk", "ca",
                                       "cy", "el",    "hu",    "pt-PT", "ro",    "tr", NULL };
const char *const time_zones[] = { "London", "Berlin", "New York", "Paris", "UTC", NULL };

int word_find(const char *const *words, size_t n, const char *word, size_t len) {
    for (size_t i = 0; i < n; i++)
        if (strlen(words[i]) == len && memcmp(words[i], word, len) == 0)
            return (int)i;
    return -1;
}

static size_t count(const char *const *words) {
    size_t n = 0;
    while (words[n] != NULL)
        n++;
    return n;
}
size_t languages_count(void) {
    return count(language_codes);
}
size_t time_zones_count(void) {
    return count(time_zones);
}

void platform_init(struct platform *p, uint64_t seed) {
    *p = (struct platform){ .seed = seed, .version = 1, .members = 1 };
}

static void account_free(struct account *a) {
    for (size_t i = 0; i < ACCOUNT_TEXTS; i++)
        mem_free(a->texts[i]);
    for (size_t i = 0; a->fields != NULL && i < FIELDS_MAX; i++)
        mem_free(a->fields[i]);
    mem_free(a->fields);
    numbers_done(&a->secondary);
    numbers_done(&a->reports);
}

static void team_free(struct team *t) {
    mem_free(t->name);
    mem_free(t->external_id);
    mem_free(t->tags);
    numbers_done(&t->members);
    numbers_done(&t->children);
    numbers_done(&t->secondary_managers);
}

void platform_done(struct platform *p) {
    for (size_t i = 0; i < p->accounts_n; i++)
        account_free(&p->accounts[i]);
    for (size_t i = 0; i < p->teams_n; i++)
        team_free(&p->teams[i]);
    for (size_t i = 0; i < p->fields_n; i++)
        mem_free(p->fields[i].name);
    for (size_t i = 0; i < p->occupations_n; i++)
        mem_free(p->occupations[i]);
    numbers_done(&p->owners);
    index_done(&p->by_email);
    index_done(&p->by_external_id);
    index_done(&p->teams_by_external_id);
    index_done(&p->teams_by_name);
    mem_free(p->accounts);
    mem_free(p->teams);
    *p = (struct platform){ 0 };
}

/* ---- texts ---- */

static char *copy(struct text t) {
    if (t.state != TEXT_SET)
        return NULL;
    char *ret = mem_alloc(t.len + 1);
    memcpy(ret, t.ptr, t.len);
    ret[t.len] = '\0';
    return ret;
}

static bool same(const char *have, const char *want, size_t len, bool any_case) {
    if (have == NULL || strlen(have) != len)
        return false;
    for (size_t i = 0; i < len; i++) {
        unsigned char a = (unsigned char)have[i], b = (unsigned char)want[i];
        bool letters = any_case && (a | 32) >= 'a' && (a | 32) <= 'z' && a < 128;
        if (a != b && !(letters && (a | 32) == (b | 32)))
            return false;
    }
    return true;
}

/* Every index hashes folded, so that any case can be looked for. */
static void replace(struct index *x, char **at, struct text t, uint32_t number) {
    if (x != NULL && *at != NULL)
        index_remove(x, index_hash_fold(*at, strlen(*at)), number);
    mem_free(*at);
    *at = copy(t);
    if (x != NULL && *at != NULL)
        index_put(x, index_hash_fold(*at, strlen(*at)), number);
}

/* ---- accounts ---- */

/* Ids ascend; behind the first few, which are there from the start, with small gaps as deleted ones
 * leave them. */
static uint32_t next_id(const struct platform *p, size_t n, uint32_t last, uint32_t first) {
    uint32_t id = n == 0 ? first : last + 1;
    uint64_t h = (p->seed ^ id) * UINT64_C(0x9E3779B97F4A7C15);
    return n >= 16 && h >> 60 == 0 ? id + 1 + (uint32_t)(h >> 32 & 3) : id;
}

uint32_t account_add(struct platform *p, int64_t now_us) {
    if (p->accounts_n == p->accounts_cap) {
        p->accounts_cap = p->accounts_cap == 0 ? 256 : p->accounts_cap * 2;
        p->accounts = mem_realloc(p->accounts, p->accounts_cap * sizeof *p->accounts);
    }
    size_t n = p->accounts_n++;
    p->accounts[n] = (struct account){
        .id = next_id(p, n, n == 0 ? 0 : p->accounts[n - 1].id, 1001),
        .manager = NONE,
        .primary = NONE,
        .occupation = NONE,
        .hire = DATE_NONE,
        .leave = DATE_NONE,
        .invite_on = DATE_NONE,
        .created_us = now_us,
        .updated_us = now_us,
        .exists = true,
    };
    p->version++;
    p->members++;
    return (uint32_t)n;
}

uint32_t account_by_id(const struct platform *p, uint64_t id) {
    size_t low = 0, high = p->accounts_n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (p->accounts[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < p->accounts_n && p->accounts[low].id == id && p->accounts[low].exists
               ? (uint32_t)low
               : NONE;
}

static uint32_t account_by(const struct platform *p, const struct index *x, enum account_text which,
                           const char *want, size_t len, bool any_case) {
    uint32_t number;
    for (size_t at = 0; index_next(x, index_hash_fold(want, len), &at, &number);)
        if (same(p->accounts[number].texts[which], want, len, any_case))
            return number;
    return NONE;
}

uint32_t account_by_email(const struct platform *p, const char *email, size_t len) {
    return account_by(p, &p->by_email, ACCOUNT_EMAIL, email, len, true);
}

uint32_t account_by_external_id(const struct platform *p, const char *id, size_t len,
                                bool any_case) {
    return account_by(p, &p->by_external_id, ACCOUNT_EXTERNAL_ID, id, len, any_case);
}

void account_set_text(struct platform *p, uint32_t index, enum account_text which, struct text t) {
    struct index *x = which == ACCOUNT_EMAIL         ? &p->by_email
                      : which == ACCOUNT_EXTERNAL_ID ? &p->by_external_id
                                                     : NULL;
    replace(x, &p->accounts[index].texts[which], t, index);
    p->version++;
}

void account_set_field(struct platform *p, uint32_t index, size_t field, struct text t) {
    struct account *a = &p->accounts[index];
    if (a->fields == NULL && t.state != TEXT_SET)
        return;
    if (a->fields == NULL)
        a->fields = mem_zalloc(FIELDS_MAX * sizeof *a->fields);
    replace(NULL, &a->fields[field], t, index);
    p->version++;
}

void account_set_status(struct platform *p, uint32_t index, enum account_status status) {
    p->accounts[index].status = (uint8_t)status;
    p->version++;
    p->members++;
}

void account_set_manager(struct platform *p, uint32_t index, uint32_t manager) {
    struct account *a = &p->accounts[index];
    if (a->manager != NONE)
        numbers_remove(&p->accounts[a->manager].reports, index);
    a->manager = manager;
    if (manager != NONE)
        numbers_add(&p->accounts[manager].reports, index);
    p->version++;
}

bool account_is_in(const struct platform *p, uint32_t index, uint32_t team) {
    return numbers_have(&p->teams[team].members, index);
}

void account_set_primary(struct platform *p, uint32_t index, uint32_t team) {
    struct account *a = &p->accounts[index];
    if (a->primary != NONE)
        numbers_remove(&p->teams[a->primary].members, index);
    a->primary = team;
    if (team != NONE) {
        numbers_remove(&a->secondary, team); /* one is not in the same team twice */
        numbers_add(&p->teams[team].members, index);
    }
    p->version++;
}

void account_join(struct platform *p, uint32_t index, uint32_t team) {
    if (p->accounts[index].primary == team)
        return;
    numbers_add(&p->accounts[index].secondary, team);
    numbers_add(&p->teams[team].members, index);
    p->version++;
}

bool account_leave(struct platform *p, uint32_t index, uint32_t team) {
    struct account *a = &p->accounts[index];
    bool was = numbers_remove(&p->teams[team].members, index);
    numbers_remove(&a->secondary, team);
    if (a->primary == team)
        a->primary = NONE;
    p->version++;
    return was;
}

void account_set_role(struct platform *p, uint32_t index, enum account_role role) {
    numbers_remove(&p->owners, index);
    if (role == ROLE_OWNER)
        numbers_add(&p->owners, index);
    p->accounts[index].role = (uint8_t)role;
    p->version++;
}

uint32_t account_owner(const struct platform *p) {
    for (size_t i = 0; i < p->owners.n; i++)
        if (account_is_active(&p->accounts[p->owners.all[i]]))
            return p->owners.all[i];
    return NONE;
}

size_t account_owners(const struct platform *p) {
    size_t n = 0;
    for (size_t i = 0; i < p->owners.n; i++)
        n += account_is_active(&p->accounts[p->owners.all[i]]);
    return n;
}

/* Nobody is the manager of what this one managed. */
static void manages_nothing(struct platform *p, uint32_t index) {
    for (uint32_t t = 0; t < p->teams_n && p->accounts[index].managed_n > 0; t++) {
        team_drop_secondary_manager(p, t, index);
        if (p->teams[t].manager == index)
            team_set_manager(p, t, NONE);
    }
}

void account_remove(struct platform *p, uint32_t index) {
    struct account *a = &p->accounts[index];
    account_set_manager(p, index, NONE);
    account_set_primary(p, index, NONE);
    while (a->secondary.n > 0)
        account_leave(p, index, a->secondary.all[0]);
    while (a->reports.n > 0)
        account_set_manager(p, a->reports.all[0], NONE);
    manages_nothing(p, index);
    numbers_remove(&p->owners, index);
    for (unsigned which = 0; which < ACCOUNT_TEXTS; which++)
        account_set_text(p, index, which, TEXT_NONE);
    account_free(a);
    memset(a->texts, 0, sizeof a->texts);
    a->fields = NULL;
    a->hire = a->leave = a->invite_on = DATE_NONE;
    a->exists = false;
    p->members++;
}

/* ---- teams ---- */

uint32_t team_add(struct platform *p, const char *name, size_t len, int64_t now_us) {
    if (p->teams_n == p->teams_cap) {
        p->teams_cap = p->teams_cap == 0 ? 64 : p->teams_cap * 2;
        p->teams = mem_realloc(p->teams, p->teams_cap * sizeof *p->teams);
    }
    uint32_t n = (uint32_t)p->teams_n++;
    p->teams[n] = (struct team){
        .id = next_id(p, n, n == 0 ? 0 : p->teams[n - 1].id, 15),
        .parent = NONE,
        .manager = NONE,
        .created_us = now_us,
        .exists = true,
    };
    team_set_name(p, n, name, len);
    return n;
}

uint32_t team_by_id(const struct platform *p, uint64_t id) {
    size_t low = 0, high = p->teams_n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (p->teams[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < p->teams_n && p->teams[low].id == id && p->teams[low].exists ? (uint32_t)low
                                                                              : NONE;
}

uint32_t team_by_external_id(const struct platform *p, const char *id, size_t len, bool any_case) {
    uint32_t number;
    for (size_t at = 0;
         index_next(&p->teams_by_external_id, index_hash_fold(id, len), &at, &number);)
        if (same(p->teams[number].external_id, id, len, any_case))
            return number;
    return NONE;
}

uint32_t team_by_name(const struct platform *p, const char *name, size_t len) {
    uint32_t number, found = NONE;
    for (size_t at = 0; index_next(&p->teams_by_name, index_hash_fold(name, len), &at, &number);)
        if (number < found && same(p->teams[number].name, name, len, false))
            found = number;
    return found;
}

void team_set_name(struct platform *p, uint32_t index, const char *name, size_t len) {
    replace(&p->teams_by_name, &p->teams[index].name, text_from(name, len), index);
    p->version++;
}

void team_set_external_id(struct platform *p, uint32_t index, struct text t) {
    replace(&p->teams_by_external_id, &p->teams[index].external_id, t, index);
    p->version++;
}

void team_set_tags(struct platform *p, uint32_t index, struct text t) {
    replace(NULL, &p->teams[index].tags, t, index);
    p->version++;
}

void team_set_manager(struct platform *p, uint32_t index, uint32_t manager) {
    struct team *t = &p->teams[index];
    if (t->manager != NONE)
        p->accounts[t->manager].managed_n--;
    t->manager = manager;
    if (manager != NONE)
        p->accounts[manager].managed_n++;
    p->version++;
}

void team_add_secondary_manager(struct platform *p, uint32_t index, uint32_t manager) {
    if (numbers_add(&p->teams[index].secondary_managers, manager))
        p->accounts[manager].managed_n++;
    p->version++;
}

void team_drop_secondary_manager(struct platform *p, uint32_t index, uint32_t manager) {
    if (numbers_remove(&p->teams[index].secondary_managers, manager))
        p->accounts[manager].managed_n--;
    p->version++;
}

bool team_set_parent(struct platform *p, uint32_t index, uint32_t parent) {
    for (uint32_t at = parent; at != NONE; at = p->teams[at].parent)
        if (at == index)
            return false;
    struct team *t = &p->teams[index];
    if (t->parent != NONE)
        numbers_remove(&p->teams[t->parent].children, index);
    t->parent = parent;
    if (parent != NONE)
        numbers_add(&p->teams[parent].children, index);
    p->version++;
    return true;
}

void team_remove(struct platform *p, uint32_t index) {
    struct team *t = &p->teams[index];
    while (t->members.n > 0)
        account_leave(p, t->members.all[t->members.n - 1], index);
    while (t->children.n > 0)
        team_set_parent(p, t->children.all[t->children.n - 1], NONE);
    team_set_parent(p, index, NONE);
    team_set_manager(p, index, NONE);
    team_set_external_id(p, index, TEXT_NONE);
    replace(&p->teams_by_name, &t->name, TEXT_NONE, index);
    replace(NULL, &t->tags, TEXT_NONE, index);
    while (t->secondary_managers.n > 0)
        team_drop_secondary_manager(p, index, t->secondary_managers.all[0]);
    t->exists = false;
}
