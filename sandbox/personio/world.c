#include "sandbox/personio/world.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/cleanup.h"
#include "sandbox/names.h"

static const char *const status_names[STATUS_COUNT] = { "onboarding", "active", "leave",
                                                        "inactive" };
static const char *const gender_names[] = { "female", "male", "diverse" };
static const char *const positions[] = {
    "Shift lead",
    "Warehouse clerk",
    "Driver",
    "Nurse",
    "Software engineer",
    "Accountant",
    "HR business partner",
    "Buyer",
    "Electrician",
    "Quality engineer",
    "Sales representative",
    "Customer service agent",
    "Team assistant",
    "Trainee",
    "Product manager",
    "Data analyst",
    "Head of department",
    "Team lead",
    "Managing director",
    "Mechatronics technician (m/w/d)",
};
const char *world_status_name(unsigned status) {
    return status_names[status % STATUS_COUNT];
}
const char *world_gender_name(unsigned gender) {
    return gender_names[gender % RC_LEN(gender_names)];
}

void world_init(struct world *w, uint64_t seed, date_days today) {
    static const uint32_t first_ids[UNIT_KINDS] = { 70001, 9001, 5101, 81, 3001 };
    names_init();
    *w = (struct world){ .seed = seed, .today = today, .anchor = today };
    for (int k = 0; k < UNIT_KINDS; k++)
        w->units[k].next_id = first_ids[k];
    w->namesakes = mem_zalloc(names_first_count() * names_last_count() * sizeof *w->namesakes);
}

void world_done(struct world *w) {
    for (size_t i = 0; i < w->n; i++)
        edits_free(w->people[i].edits);
    world_shadows_end(w, INT64_MAX);
    mem_free(w->shadows);
    for (int k = 0; k < UNIT_KINDS; k++) {
        for (size_t i = 0; i < w->units[k].n; i++)
            mem_free(w->units[k].all[i].name);
        mem_free(w->units[k].all);
    }
    mem_free(w->people);
    mem_free(w->changes);
    mem_free(w->namesakes);
    *w = (struct world){ 0 };
}

uint32_t world_find(const struct world *w, int64_t id) {
    size_t low = 0, high = w->n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if ((int64_t)w->people[mid].id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low < w->n && (int64_t)w->people[low].id == id ? (uint32_t)low : NOBODY;
}

uint32_t world_append(struct world *w) {
    if (w->n == w->cap) {
        w->cap = w->cap == 0 ? 1024 : w->cap * 2;
        w->people = mem_realloc(w->people, w->cap * sizeof *w->people);
    }
    uint32_t index = (uint32_t)w->n, id = w->n == 0 ? WORLD_FIRST_ID : w->people[w->n - 1].id + 1;
    if (w->n > 0) { /* small gaps, as deleted profiles leave them */
        uint64_t h = (w->seed ^ id) * UINT64_C(0x9E3779B97F4A7C15);
        if ((h >> 60) == 0)
            id += 1 + (uint32_t)((h >> 32) & 3);
    }
    w->people[w->n++] = (struct person){
        .id = id,
        .supervisor = NOBODY,
        .email_of = NOBODY,
        .exists = true,
        .status = STATUS_ACTIVE,
        .hours_tenths = 400,
        .hire = DATE_NONE,
        .termination = DATE_NONE,
        .last_day = DATE_NONE,
        .contract_end = DATE_NONE,
        .probation_end = DATE_NONE,
        .cost_b = NO_UNIT,
        .cost_share = 100,
        .unit = { NO_UNIT, NO_UNIT, NO_UNIT, NO_UNIT, NO_UNIT },
    };
    w->members++;
    return index;
}

uint64_t person_hash(const struct world *w, const struct person *p, unsigned salt) {
    uint64_t h = w->seed * UINT64_C(0xD6E8FEB86659FD93) + p->id;
    h = (h ^ (h >> 32) ^ ((uint64_t)salt << 40)) * UINT64_C(0x9E3779B97F4A7C15);
    h = (h ^ (h >> 29)) * UINT64_C(0xBF58476D1CE4E5B9);
    return h ^ (h >> 32);
}

/* ---- units ---- */

uint16_t unit_find(const struct units *u, const char *name, size_t len) {
    for (size_t i = 0; i < u->n; i++)
        if (strlen(u->all[i].name) == len && memcmp(u->all[i].name, name, len) == 0)
            return (uint16_t)i;
    return NO_UNIT;
}

uint16_t unit_add(struct units *u, const char *name, uint16_t parent) {
    if (u->n >= NO_UNIT - 1)
        return NO_UNIT;
    if (u->n == u->cap) {
        u->cap = u->cap == 0 ? 64 : u->cap * 2;
        u->all = mem_realloc(u->all, u->cap * sizeof *u->all);
    }
    u->all[u->n] = (struct unit){ u->next_id, parent, mem_str(name) };
    u->next_id += u->n % 5 == 3 ? 7 : 1;
    return (uint16_t)u->n++;
}

struct unit *world_unit(const struct world *w, const struct person *p, enum unit_kind kind) {
    return p->unit[kind] == NO_UNIT ? NULL : &w->units[kind].all[p->unit[kind]];
}

static bool unit_kind_of(enum attr a, enum unit_kind *ret) {
    switch ((int)a) {
    case ATTR_TEAM: *ret = UNIT_TEAM; return true;
    case ATTR_DEPARTMENT: *ret = UNIT_DEPARTMENT; return true;
    case ATTR_OFFICE: *ret = UNIT_OFFICE; return true;
    case ATTR_SUBCOMPANY: *ret = UNIT_SUBCOMPANY; return true;
    case ATTR_COST_CENTERS: *ret = UNIT_COST_CENTER; return true;
    default: return false;
    }
}

/* ---- values ---- */

date_days *world_day(struct person *p, enum attr a) {
    switch ((int)a) {
    case ATTR_HIRE_DATE: return &p->hire;
    case ATTR_TERMINATION_DATE: return &p->termination;
    case ATTR_LAST_DAY: return &p->last_day;
    case ATTR_CONTRACT_END: return &p->contract_end;
    case ATTR_PROBATION_END: return &p->probation_end;
    default: return NULL;
    }
}

static struct text scratch_text(char *scratch, int n) {
    return text_from(scratch, n < 0 ? 0 : n >= WORLD_SCRATCH ? WORLD_SCRATCH - 1 : (size_t)n);
}

static struct text blanks_around(struct text t, char *scratch, const char *before,
                                 const char *after) {
    return scratch_text(scratch,
                        snprintf(scratch, WORLD_SCRATCH, "%s%.*s%s", before, TEXT_ARG(t), after));
}

static struct text made_email(const struct world *w, const struct person *p, char *scratch) {
    if (p->quirks & QUIRK_NO_EMAIL)
        return TEXT_NONE;
    if (p->email_of != NOBODY)
        return world_text(w, &w->people[p->email_of], ATTR_EMAIL, scratch);
    const struct name *first = name_first(p->first), *last = name_last(p->last);
    char *at = scratch;
    at = mempcpy(at, first->ascii, first->ascii_n);
    *at++ = '.';
    at = mempcpy(at, last->ascii, last->ascii_n);
    if (p->email_n > 0)
        at += sprintf(at, "%u", p->email_n);
    at = mempcpy(at, "@nordkap.example", sizeof "@nordkap.example" - 1);
    if (p->quirks & QUIRK_CAPITALS) {
        *scratch = (char)(*scratch >= 'a' && *scratch <= 'z' ? *scratch - 32 : *scratch);
        at[-15] = 'N';
    }
    if (p->quirks & QUIRK_BLANKS)
        *at++ = ' ';
    return text_from(scratch, (size_t)(at - scratch));
}

static struct text made_tags(uint64_t hash, char *scratch) {
    static const char *const tags[] = { "German",  "English",   "Polish",
                                        "Turkish", "Ukrainian", "Spanish" };
    size_t n = 0;
    for (size_t i = 0; i < RC_LEN(tags); i++)
        if ((hash >> (i * 3) & 7) < (i < 2 ? 5u : 1u))
            n +=
                (size_t)snprintf(scratch + n, WORLD_SCRATCH - n, "%s%s", n > 0 ? "," : "", tags[i]);
    return text_from(scratch, n);
}

static struct text made_custom(const struct world *w, const struct person *p, enum attr a,
                               char *scratch) {
    static const char *const shifts[] = { "early", "late", "night", "flexible" };
    uint64_t h = person_hash(w, p, a);
    unsigned part = (unsigned)(h >> 40 & 1023);
    int n = 0;
    switch ((int)a) {
    case ATTR_LICENCE:
        return part < 600 ? TEXT_NONE
                          : text_of(date_format(w->anchor + (date_days)part - 700, scratch));
    case ATTR_LANGUAGES: return made_tags(h, scratch);
    case ATTR_NUMBER:
        n = snprintf(scratch, WORLD_SCRATCH, "N-%07u", p->id - WORLD_FIRST_ID + 1);
        break;
    case ATTR_SHIFT: return part < 300 ? TEXT_NONE : text_of(shifts[h & 3]);
    case ATTR_LOCKER: n = part < 200 ? 0 : snprintf(scratch, WORLD_SCRATCH, "%u", part); break;
    case ATTR_TRAVEL:
        n = part < 500
                ? 0
                : snprintf(scratch, WORLD_SCRATCH, "%u.%u", part % 100, (unsigned)(h & 7) + 1);
        break;
    case ATTR_LINK:
        n = part < 800 ? 0
                       : snprintf(scratch, WORLD_SCRATCH,
                                  "https://intranet.nordkap.example/people/%u?a=1&b=2", p->id);
        break;
    case ATTR_NOTE:
        return part < 950
                   ? TEXT_NONE
                   : text_of("First line\nSecond \"line\"\twith <b>marks</b> & a \\ backslash");
    case ATTR_IBAN:
        n = snprintf(scratch, WORLD_SCRATCH, "DE00 0000 0000 %04u %04u 00", p->id / 10000 % 10000,
                     p->id % 10000);
        break;
    case ATTR_BIRTH: return text_of(date_format((date_days)(h % 16000) - 4000, scratch));
    default: break;
    }
    return scratch_text(scratch, n);
}

static const struct edit *edit_find(const struct person *p, enum attr a) {
    for (const struct edit *e = p->edits; e != NULL; e = e->next)
        if (e->attr == a)
            return e;
    return NULL;
}

struct text world_text(const struct world *w, const struct person *p, enum attr a,
                       char scratch[WORLD_SCRATCH]) {
    const struct edit *e = p->edits == NULL ? NULL : edit_find(p, a);
    if (e != NULL)
        return e->text == NULL ? TEXT_NONE : text_of(e->text);
    enum unit_kind kind;
    if (unit_kind_of(a, &kind)) {
        const struct unit *u = world_unit(w, p, kind);
        return u == NULL ? TEXT_NONE : text_of(u->name);
    }
    const struct name *first = name_first(p->first), *last = name_last(p->last);
    const date_days *day = world_day((struct person *)p, a);
    if (day != NULL)
        return text_of(date_format(*day, scratch));
    switch ((int)a) {
    case ATTR_FIRST_NAME: {
        struct text t = { TEXT_SET, first->text, first->text_n };
        return p->quirks & QUIRK_BLANKS ? blanks_around(t, scratch, " ", "") : t;
    }
    case ATTR_LAST_NAME: {
        struct text t = { TEXT_SET, last->text, last->text_n };
        return p->quirks & QUIRK_BLANKS ? blanks_around(t, scratch, "", "\xc2\xa0 ") : t;
    }
    case ATTR_PREFERRED_NAME:
        if ((p->quirks & QUIRK_PREFERRED) == 0)
            return TEXT_NONE;
        return scratch_text(scratch, snprintf(scratch, WORLD_SCRATCH, "%c%s %s",
                                              first->ascii[0] - 32, first->ascii + 1, last->text));
    case ATTR_EMAIL: return made_email(w, p, scratch);
    case ATTR_POSITION: return text_of(positions[p->position % RC_LEN(positions)]);
    case ATTR_GENDER: return text_of(world_gender_name(p->gender));
    case ATTR_STATUS: return text_of(world_status_name(p->status));
    case ATTR_EMPLOYMENT_TYPE: return text_of(p->employment ? "external" : "internal");
    case ATTR_TERMINATION_TYPE:
    case ATTR_TERMINATION_REASON:
        if (p->termination == DATE_NONE)
            return TEXT_NONE;
        return text_of(a == ATTR_TERMINATION_TYPE ? "employee" : "Moves abroad");
    case ATTR_SUPERVISOR:
        if (p->supervisor == NOBODY)
            return TEXT_NONE;
        return scratch_text(scratch,
                            snprintf(scratch, WORLD_SCRATCH, "%u", w->people[p->supervisor].id));
    case ATTR_HOURS:
        return scratch_text(scratch,
                            p->hours_tenths % 10 == 0
                                ? snprintf(scratch, WORLD_SCRATCH, "%u", p->hours_tenths / 10)
                                : snprintf(scratch, WORLD_SCRATCH, "%u.%u", p->hours_tenths / 10,
                                           p->hours_tenths % 10));
    default: return attr_is_custom(a) ? made_custom(w, p, a, scratch) : TEXT_NONE;
    }
}

/* ---- changes ---- */

/* The first name that a mail system would write the same way: Müller and Mueller are namesakes. */
static size_t same_ascii(const struct name *(*name)(unsigned), size_t n) {
    const struct name *of = name((unsigned)n);
    for (unsigned i = 0; i < n; i++)
        if (name(i)->ascii_n == of->ascii_n && memcmp(name(i)->ascii, of->ascii, of->ascii_n) == 0)
            return i;
    return n;
}

void world_name_email(struct world *w, struct person *p) {
    size_t first = same_ascii(name_first, p->first), last = same_ascii(name_last, p->last);
    p->email_n = w->namesakes[first * names_last_count() + last]++;
}

void world_touch(struct world *w, uint32_t index, uint64_t attrs, uint32_t now_s) {
    if (w->changes_n == w->changes_cap) {
        w->changes_cap = w->changes_cap == 0 ? 256 : w->changes_cap * 2;
        w->changes = mem_realloc(w->changes, w->changes_cap * sizeof *w->changes);
    }
    w->changes[w->changes_n++] = (struct change){ index, now_s, attrs };
    w->people[index].modified_s = now_s;
}

static void set_edit(struct person *p, enum attr a, struct text value) {
    struct edit *e = (struct edit *)edit_find(p, a);
    if (e == NULL) {
        e = mem_zalloc(sizeof *e);
        e->attr = a;
        e->next = p->edits;
        p->edits = e;
    }
    mem_free(e->text);
    e->text = NULL;
    if (value.state == TEXT_SET) {
        e->text = mem_alloc(value.len + 1);
        memcpy(e->text, value.ptr, value.len);
        e->text[value.len] = '\0';
    }
}

static enum rc_code set_unit(struct world *w, struct person *p, enum attr a, struct text value,
                             struct rc_error *err) {
    enum unit_kind kind;
    uint16_t at = NO_UNIT;
    if (!unit_kind_of(a, &kind))
        return rc_fail(err, RC_INVALID, "%s is not a unit", attr_rows[a].key);
    if (value.state == TEXT_SET &&
        (at = unit_find(&w->units[kind], value.ptr, value.len)) == NO_UNIT) {
        char name[WORLD_SCRATCH];
        if (value.len >= sizeof name || memchr(value.ptr, '\0', value.len) != NULL)
            return rc_fail(err, RC_INVALID, "%s: the name is too long", attr_rows[a].key);
        memcpy(name, value.ptr, value.len);
        name[value.len] = '\0';
        if ((at = unit_add(&w->units[kind], name, NO_UNIT)) == NO_UNIT)
            return rc_fail(err, RC_INVALID, "%s: there are too many already", attr_rows[a].key);
    }
    p->unit[kind] = at;
    if (kind == UNIT_OFFICE)
        w->members++;
    return RC_OK;
}

static enum rc_code set_enum(uint8_t *ret, struct text value, const char *const *names,
                             size_t names_n, const char *key, struct rc_error *err) {
    for (size_t i = 0; i < names_n; i++)
        if (text_is(value, names[i])) {
            *ret = (uint8_t)i;
            return RC_OK;
        }
    return rc_fail(err, RC_INVALID, "%s: '%.*s' is not one of its values", key, TEXT_ARG(value));
}

static enum rc_code set_supervisor(struct world *w, struct person *p, struct text value,
                                   struct rc_error *err) {
    char digits[24] = "";
    uint32_t index = NOBODY;
    if (value.state == TEXT_SET) {
        snprintf(digits, sizeof digits, "%.*s", TEXT_ARG(value));
        if ((index = world_find(w, strtoll(digits, NULL, 10))) == NOBODY)
            return rc_fail(err, RC_INVALID, "Supervisor with ID %s not found", digits);
    }
    p->supervisor = index;
    return RC_OK;
}

static enum rc_code set_hours(struct person *p, struct text value, struct rc_error *err) {
    char digits[24];
    snprintf(digits, sizeof digits, "%.*s", TEXT_ARG(value));
    double hours = strtod(digits, NULL);
    if (!(hours >= 0 && hours <= 168))
        return rc_fail(err, RC_INVALID, "weekly_working_hours: not between 0 and 168");
    p->hours_tenths = (uint16_t)(hours * 10 + 0.5);
    return RC_OK;
}

enum rc_code world_set(struct world *w, uint32_t index, enum attr a, struct text value,
                       uint32_t now_s, struct rc_error *err) {
    static const char *const employments[] = { "internal", "external" };
    struct person *p = &w->people[index];
    enum rc_code rc = RC_OK;
    if (value.len > WORLD_TEXT_MAX ||
        (value.state == TEXT_SET && memchr(value.ptr, '\0', value.len) != NULL))
        return rc_fail(err, RC_INVALID, "%s: longer than %d bytes, or with a NUL in it",
                       attr_rows[a].key, WORLD_TEXT_MAX);
    world_keep(w, index);
    date_days *day = world_day(p, a), parsed = DATE_NONE;
    if (day != NULL) {
        if (value.state == TEXT_SET &&
            (rc = date_parse(value.ptr, value.len, &parsed, err)) != RC_OK)
            return rc_context(err, rc, "%s", attr_rows[a].key);
        *day = parsed;
    } else {
        switch (attr_rows[a].kind) {
        case KIND_STATUS:
            rc = set_enum(&p->status, value, status_names, STATUS_COUNT, "status", err);
            break;
        case KIND_GENDER:
            rc = set_enum(&p->gender, value, gender_names, RC_LEN(gender_names), "gender", err);
            break;
        case KIND_EMPLOYMENT:
            rc = set_enum(&p->employment, value, employments, 2, "employment_type", err);
            break;
        case KIND_SUPERVISOR: rc = set_supervisor(w, p, value, err); break;
        case KIND_COST: p->cost_share = 100; p->cost_b = NO_UNIT; /* fall through */
        case KIND_UNIT: rc = set_unit(w, p, a, value, err); break;
        case KIND_HOURS: rc = set_hours(p, value, err); break;
        case KIND_TEXT:
        case KIND_TERMINATION_TYPE:
        case KIND_CUSTOM_DAY:
        case KIND_CUSTOM_TAGS:
        case KIND_CUSTOM_TEXT:
        case KIND_CUSTOM_INTEGER:
        case KIND_CUSTOM_DECIMAL: set_edit(p, a, value); break;
        case KIND_PICTURE:
            p->quirks = (uint8_t)(value.state == TEXT_SET ? p->quirks | QUIRK_PICTURE
                                                          : p->quirks & ~QUIRK_PICTURE);
            break;
        default: return rc_fail(err, RC_INVALID, "%s cannot be edited", attr_rows[a].key);
        }
    }
    if (rc == RC_OK)
        world_touch(w, index, ATTR_BIT(a), now_s);
    return rc;
}

void world_remove(struct world *w, uint32_t index, uint32_t now_s) {
    world_keep(w, index);
    w->people[index].exists = false;
    w->people[index].modified_s = now_s;
    w->members++;
}

size_t world_day_begins(struct world *w, date_days today, uint32_t moved_s) {
    size_t changed_n = 0;
    w->today = today;
    for (size_t i = 0; i < w->n; i++) {
        struct person *p = &w->people[i];
        uint8_t was = p->status;
        if (p->status == STATUS_ONBOARDING && p->hire != DATE_NONE && p->hire <= today)
            p->status = STATUS_ACTIVE;
        if (p->status != STATUS_INACTIVE && p->termination != DATE_NONE && p->termination < today)
            p->status = STATUS_INACTIVE;
        if (p->status != was && moved_s > 0)
            world_touch(w, (uint32_t)i, ATTR_BIT(ATTR_STATUS), moved_s);
        changed_n += p->status != was;
    }
    return changed_n;
}
