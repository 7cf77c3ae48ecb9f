#include "sandbox/personio/render.h"
#include <stdio.h>
#include <string.h>
#include "sandbox/personio/personio.h"

/* ---- values ---- */

#define LIT(b, s) buf_append((b), s, sizeof(s) - 1)

static void put_number(struct buf *b, uint64_t n) {
    char digits[24], *at = digits + sizeof digits;
    do
        *--at = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    buf_append(b, at, (size_t)(digits + sizeof digits - at));
}

static void put_empty(const struct sandbox *sb, struct buf *b) {
    int64_t form = sw(sb, SW_EMPTY_OBJECT);
    buf_str(b, form == 0 ? "null" : form == 1 ? "\"\"" : "[]");
}

static void put_text(const struct sandbox *sb, struct buf *b, struct text t) {
    if (t.state == TEXT_SET)
        answer_quoted(b, t.ptr, t.len);
    else
        buf_str(b, sw(sb, SW_EMPTY_TEXT) ? "\"\"" : "null");
}

/* ---- dates ---- */

static void put_offset(const struct sandbox *sb, char ret[8], int32_t offset_s) {
    int minutes = (offset_s < 0 ? -offset_s : offset_s) / 60;
    switch (sw(sb, SW_DATES_FORM)) {
    case 1:
        snprintf(ret, 8, "%c%02d%02d", offset_s < 0 ? '-' : '+', minutes / 60 % 24, minutes % 60);
        break;
    case 2: memcpy(ret, "+00:53", 7); break;
    case 3: memcpy(ret, "+00:00", 7); break;
    case 4: memcpy(ret, "Z", 2); break;
    default:
        snprintf(ret, 8, "%c%02d:%02d", offset_s < 0 ? '-' : '+', minutes / 60 % 24, minutes % 60);
        break;
    }
}

static void put_day(const struct sandbox *sb, struct buf *b, date_days day, bool timestamp) {
    char text[DATE_TEXT_BYTES], offset[8];
    if (day == DATE_NONE) {
        LIT(b, "null");
        return;
    }
    buf_char(b, '"');
    buf_append(b, date_format(day, text), DATE_TEXT_BYTES - 1);
    if (timestamp) {
        put_offset(sb, offset, vclock_day_offset_s(&sb->clock, day));
        LIT(b, "T00:00:00");
        buf_str(b, offset);
    }
    buf_char(b, '"');
}

static void put_instant(const struct sandbox *sb, struct buf *b, uint32_t at_s) {
    char text[DATE_TEXT_BYTES], offset[8];
    int32_t east =
        sw(sb, SW_DATES_FORM) >= 3 ? 0 : vclock_offset_s(&sb->clock, (int64_t)at_s * 1000000);
    int64_t local = (int64_t)at_s + east, second = local % 86400;
    put_offset(sb, offset, east);
    buf_printf(b, "\"%sT%02d:%02d:%02d%s\"", date_format((date_days)(local / 86400), text),
               (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60), offset);
}

/* ---- values ---- */

static void put_inner(const struct sandbox *sb, struct buf *b, enum attr a,
                      const struct person *p) {
    char scratch[WORLD_SCRATCH];
    const struct fragment *f = &personio_of(sb)->render.attr[a];
    bool flat = sw(sb, SW_SUPERVISOR_FLAT);
    if (flat)
        buf_printf(b, "\"%s\":", attr_rows[a].key);
    else
        buf_append(b, f->head, f->head_n);
    if (a == ATTR_ID)
        put_number(b, p->id);
    else
        put_text(sb, b, world_text(&personio_of(sb)->world, p, a, scratch));
    if (!flat)
        buf_append(b, f->tail, f->tail_n);
}

static void put_supervisor(const struct sandbox *sb, struct buf *b, const struct person *p) {
    if (p->supervisor == NOBODY) {
        put_empty(sb, b);
        return;
    }
    const struct person *boss = &personio_of(sb)->world.people[p->supervisor];
    LIT(b, "{\"type\":\"Employee\",\"attributes\":{");
    put_inner(sb, b, ATTR_ID, boss);
    if (sw(sb, SW_SUPERVISOR_NAMES)) {
        static const enum attr more[] = { ATTR_FIRST_NAME, ATTR_LAST_NAME, ATTR_EMAIL };
        for (size_t i = 0; i < 3; i++) {
            buf_char(b, ',');
            put_inner(sb, b, more[i], boss);
        }
    }
    LIT(b, "}}");
}

static void put_unit_object(const struct sandbox *sb, struct buf *b, const char *type,
                            const struct unit *u, int share) {
    buf_str(b, "{\"type\":\"");
    buf_str(b, type);
    LIT(b, "\",\"attributes\":{");
    if (!sw(sb, SW_REFS_NO_ID) || share >= 0) {
        LIT(b, "\"id\":");
        put_number(b, u->id);
        buf_char(b, ',');
    }
    LIT(b, "\"name\":");
    answer_quoted(b, u->name, strlen(u->name));
    if (share >= 0)
        buf_printf(b, ",\"percentage\":%d", share);
    LIT(b, "}}");
}

static void put_unit(const struct sandbox *sb, struct buf *b, const struct person *p, enum attr a) {
    static const struct {
        const char *type;
        enum unit_kind kind;
    } kinds[] = {
        [ATTR_SUBCOMPANY - ATTR_SUBCOMPANY] = { "Subcompany", UNIT_SUBCOMPANY },
        [ATTR_OFFICE - ATTR_SUBCOMPANY] = { "Office", UNIT_OFFICE },
        [ATTR_DEPARTMENT - ATTR_SUBCOMPANY] = { "Department", UNIT_DEPARTMENT },
        [ATTR_TEAM - ATTR_SUBCOMPANY] = { "Team", UNIT_TEAM },
    };
    const struct unit *u = world_unit(&personio_of(sb)->world, p, kinds[a - ATTR_SUBCOMPANY].kind);
    if (u == NULL)
        put_empty(sb, b);
    else
        put_unit_object(sb, b, kinds[a - ATTR_SUBCOMPANY].type, u, -1);
}

static void put_cost_centers(const struct sandbox *sb, struct buf *b, const struct person *p) {
    const struct unit *u = world_unit(&personio_of(sb)->world, p, UNIT_COST_CENTER);
    buf_char(b, '[');
    if (u != NULL)
        put_unit_object(sb, b, "CostCenter", u, p->cost_share);
    if (u != NULL && p->cost_b != NO_UNIT && p->cost_share < 100) {
        buf_char(b, ',');
        put_unit_object(sb, b, "CostCenter",
                        &personio_of(sb)->world.units[UNIT_COST_CENTER].all[p->cost_b],
                        100 - p->cost_share);
    }
    buf_char(b, ']');
}

static void put_status(const struct sandbox *sb, struct buf *b, const struct person *p) {
    const char *name = sw(sb, SW_STATUS_INACTIVE_ALL) ? "inactive" : world_status_name(p->status);
    if ((int64_t)(person_hash(&personio_of(sb)->world, p, 78) % 100) < sw(sb, SW_STATUS_UNKNOWN))
        name = "sabbatical_2";
    buf_char(b, '"');
    for (; *name != '\0'; name++)
        buf_char(b, (char)(sw(sb, SW_STATUS_CAPITALS) && *name >= 'a' && *name <= 'z' ? *name - 32
                                                                                      : *name));
    buf_char(b, '"');
}

static void put_custom(const struct sandbox *sb, struct buf *b, const struct person *p,
                       enum attr a) {
    char scratch[WORLD_SCRATCH];
    struct text t = world_text(&personio_of(sb)->world, p, a, scratch);
    enum attr_kind kind = attr_rows[a].kind;
    date_days day;
    if (t.state != TEXT_SET) {
        put_text(sb, b, t);
    } else if (kind == KIND_CUSTOM_DAY && date_parse(t.ptr, t.len, &day, NULL) == RC_OK) {
        put_day(sb, b, day, sw(sb, SW_DATES_CUSTOM) == 1);
    } else if (kind == KIND_CUSTOM_TAGS && sw(sb, SW_TAGS_FORM) != 0) {
        bool list = sw(sb, SW_TAGS_FORM) == 2; /* "[\"A\",\"B\"]": quotes within a string */
        LIT(b, "\"");
        buf_str(b, list ? "[\\\"" : "");
        for (size_t i = 0; i < t.len; i++)
            if (t.ptr[i] == ',')
                buf_str(b, list ? "\\\",\\\"" : ", ");
            else if (t.ptr[i] != '"' && t.ptr[i] != '\\' && (unsigned char)t.ptr[i] >= 0x20)
                buf_char(b, t.ptr[i]);
        buf_str(b, list ? "\\\"]\"" : "\"");
    } else if ((kind == KIND_CUSTOM_INTEGER || kind == KIND_CUSTOM_DECIMAL) &&
               sw(sb, SW_CUSTOM_NUMBERS) == 0 && strspn(t.ptr, "0123456789.") >= t.len &&
               t.ptr[0] != '.' && t.ptr[t.len - 1] != '.' && t.len < 16 &&
               (t.ptr[0] != '0' || t.len == 1 || t.ptr[1] == '.')) {
        buf_append(b, t.ptr, t.len);
    } else {
        put_text(sb, b, t);
    }
}

static void put_value(const struct sandbox *sb, struct buf *b, const struct person *p,
                      enum attr a) {
    char scratch[WORLD_SCRATCH];
    switch (attr_rows[a].kind) {
    case KIND_ID:
        if (sw(sb, SW_IDS_STRING))
            buf_printf(b, "\"%u\"", p->id);
        else
            put_number(b, p->id);
        return;
    case KIND_DAY:
        put_day(sb, b, *world_day((struct person *)p, a), sw(sb, SW_DATES_FORM) != 5);
        return;
    case KIND_INSTANT:
        put_instant(sb, b, a == ATTR_CREATED_AT ? p->created_s : p->modified_s);
        return;
    case KIND_STATUS: put_status(sb, b, p); return;
    case KIND_GENDER:
        if (sw(sb, SW_GENDER_UNKNOWN)) {
            LIT(b, "\"undefined\"");
            return;
        }
        break;
    case KIND_SUPERVISOR: put_supervisor(sb, b, p); return;
    case KIND_UNIT: put_unit(sb, b, p, a); return;
    case KIND_COST: put_cost_centers(sb, b, p); return;
    case KIND_HOURS:
        if (sw(sb, SW_HOURS_FORM)) {
            struct text t = world_text(&personio_of(sb)->world, p, a, scratch);
            buf_append(b, t.ptr, t.len);
            return;
        }
        break;
    case KIND_PICTURE:
        if ((p->quirks & QUIRK_PICTURE) == 0)
            LIT(b, "null");
        else
            buf_printf(b, "\"%s/v1/company/employees/%u/profile-picture\"",
                       sw(sb, SW_PICTURE_URL) ? "https://api.personio.de" : sb->origin, p->id);
        return;
    case KIND_MONEY:
        put_number(b, a == ATTR_FIX_SALARY
                          ? 2500 + person_hash(&personio_of(sb)->world, p, a) % 4000
                          : 15);
        return;
    case KIND_INTERVAL: LIT(b, "\"monthly\""); return;
    case KIND_VACATION: put_number(b, person_hash(&personio_of(sb)->world, p, a) % 30); return;
    case KIND_CALENDAR:
        LIT(b, "{\"type\":\"HolidayCalendar\",\"attributes\":{\"id\":1,\"name\":\"HB (Bremen) "
               "Feiertage\",\"country\":\"DE\","
               "\"state\":\"Bremen\"}}");
        return;
    case KIND_SCHEDULE:
        LIT(b, "{\"type\":\"WorkSchedule\",\"attributes\":{\"id\":7,\"name\":\"Vollzeit, 40 "
               "Stunden\",\"valid_from\":null,"
               "\"monday\":\"08:00\",\"tuesday\":\"08:00\",\"wednesday\":\"08:00\",\"thursday\":"
               "\"08:00\",\"friday\":\"08:00\","
               "\"saturday\":\"00:00\",\"sunday\":\"00:00\"}}");
        return;
    case KIND_ABSENCE:
        LIT(b, "[{\"type\":\"TimeOffType\",\"attributes\":{\"id\":195824,\"name\":\"Urlaub\","
               "\"category\":\"paid_vacation\","
               "\"entitlement\":30}}]");
        return;
    case KIND_TERMINATION_TYPE:
        if (p->termination != DATE_NONE && sw(sb, SW_TERMINATION_CAPITALS)) {
            LIT(b, "\"EMPLOYEE\"");
            return;
        }
        break;
    case KIND_CUSTOM_DAY:
    case KIND_CUSTOM_TAGS:
    case KIND_CUSTOM_TEXT:
    case KIND_CUSTOM_INTEGER:
    case KIND_CUSTOM_DECIMAL: put_custom(sb, b, p, a); return;
    case KIND_EMPLOYMENT:
    case KIND_TEXT: break;
    }
    put_text(sb, b, world_text(&personio_of(sb)->world, p, a, scratch));
}

void render_person(const struct sandbox *sb, struct buf *b, uint32_t index, uint64_t attrs) {
    const struct person *p = world_shown(&personio_of(sb)->world, index);
    if (sw(sb, SW_KEYS_MISSING) > 0 &&
        (int64_t)(person_hash(&personio_of(sb)->world, p, 79) % 100) < sw(sb, SW_KEYS_MISSING))
        attrs &= ATTR_BIT(ATTR_ID) | ATTR_BIT(ATTR_FIRST_NAME) | ATTR_BIT(ATTR_LAST_NAME);
    LIT(b, "{\"type\":\"Employee\",\"attributes\":{");
    bool first = true;
    for (uint64_t left = attrs & personio_of(sb)->render.shown; left != 0; left &= left - 1) {
        enum attr a = (enum attr)__builtin_ctzll(left);
        const struct fragment *f = &personio_of(sb)->render.attr[a];
        if (!first)
            buf_char(b, ',');
        first = false;
        buf_append(b, f->head, f->head_n);
        put_value(sb, b, p, a);
        buf_append(b, f->tail, f->tail_n);
    }
    if (sw(sb, SW_EXTRA_MEMBERS))
        LIT(b, ",\"x_future\":{\"label\":\"?\",\"value\":[{\"a\":[1,2.5e3,true]}],\"type\":"
               "\"object\",\"universal_id\":null,\"x\":{}}");
    LIT(b, "}");
    if (sw(sb, SW_EXTRA_MEMBERS))
        LIT(b, ",\"links\":{\"self\":null}");
    LIT(b, "}");
}

void render_catalogue(const struct sandbox *sb, struct buf *b, uint64_t attrs) {
    buf_str(b, "{\"success\":true,\"data\":[");
    bool first = true;
    for (uint64_t left = attrs & personio_of(sb)->render.shown; left != 0; left &= left - 1) {
        const struct attr_row *r = &attr_rows[__builtin_ctzll(left)];
        const char *label = sw(sb, SW_LABELS_GERMAN) ? r->label_de : r->label;
        buf_printf(b, "%s{\"key\":\"%s\",\"label\":", first ? "" : ",", r->key);
        first = false;
        answer_quoted(b, label, strlen(label));
        buf_printf(b, ",\"type\":\"%s\",\"universal_id\":%s%s%s", r->type,
                   r->universal_id ? "\"" : "", r->universal_id ? r->universal_id : "null",
                   r->universal_id ? "\"" : "");
        if (sw(sb, SW_CATALOGUE_OPTIONS)) {
            buf_str(b, ",\"options\":[");
            for (const char *at = r->options; at != NULL && *at != '\0';) {
                size_t n = strcspn(at, ",");
                buf_str(b, at == r->options ? "" : ",");
                answer_quoted(b, at, n);
                at += n + (at[n] == ',');
            }
            buf_char(b, ']');
        }
        buf_char(b, '}');
    }
    buf_str(b, "]}");
}

/* ---- fragments ---- */

void render_done(struct render *r) {
    for (size_t a = 0; a < ATTR_COUNT; a++) {
        mem_free(r->attr[a].head);
        mem_free(r->attr[a].tail);
    }
    *r = (struct render){ 0 };
}

void render_prepare(struct sandbox *sb) {
    struct buf b;
    buf_init(&b, 4096);
    render_done(&personio_of(sb)->render);
    personio_of(sb)->render.shown =
        sw(sb, SW_VACATION) ? ATTRS_ALL : ATTRS_ALL & ~ATTR_BIT(ATTR_VACATION_BALANCE);
    for (unsigned a = 0; a < ATTR_COUNT; a++) {
        const struct attr_row *r = &attr_rows[a];
        const char *label = sw(sb, SW_LABELS_GERMAN) ? r->label_de : r->label,
                   *universal = r->universal_id;
        struct fragment *f = &personio_of(sb)->render.attr[a];
        if (a == ATTR_COST_CENTERS && sw(sb, SW_COST_UNIVERSAL))
            universal = "cost_center";
        buf_clear(&b);
        buf_printf(&b, "\"%s\":{\"label\":", r->key);
        answer_quoted(&b, label, strlen(label));
        buf_str(&b, ",\"value\":");
        f->head = mem_str(b.ptr);
        f->head_n = b.len;
        buf_clear(&b);
        if (!sw(sb, SW_ENVELOPE_NO_TYPE))
            buf_printf(&b, ",\"type\":\"%s\",\"universal_id\":%s%s%s", r->type,
                       universal ? "\"" : "", universal ? universal : "null",
                       universal ? "\"" : "");
        if (r->kind == KIND_MONEY)
            buf_str(&b, ",\"currency\":\"EUR\"");
        if (sw(sb, SW_EXTRA_MEMBERS))
            buf_str(&b, ",\"x_editable\":false");
        buf_char(&b, '}');
        f->tail = mem_str(b.ptr);
        f->tail_n = b.len;
    }
    buf_done(&b);
}
