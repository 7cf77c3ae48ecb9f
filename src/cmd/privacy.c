/* rollcall integration privacy: a sheet for whoever has to answer for it. What is read, what for, where it
 * goes and how long it stays, as settings, mapping and rules are now. */
#include <string.h>
#include "cmd/cmd.h"
#include "people/mapping.h"
#include "source/source.h"
#include "store/platform.h"
#include "store/retention.h"
#include "sync/mapped.h"
#include "sync/policy_text.h"

struct sheet_of {
    struct cmd *c;
    const struct company *co;
    const struct integration *in;
    const struct mapping *mapping;
    struct employee_reads reads;
    struct retention retention;
    struct platform *platforms;
    size_t platforms_n;
};

static const char *source_title(const struct sheet_of *s) {
    char name[64];
    snprintf(name, sizeof name, "%.*s", TEXT_ARG(s->in->source));
    const struct source_ops *ops = source_find(name);
    return ops != NULL ? ops->title : "a source that this program does not know";
}

/* What an attribute is for: an employee's status and dates decide, the rest is shown. */
static const char *what_for(enum employee_field f) {
    switch (f) {
    case EMPLOYEE_STATUS:
    case EMPLOYEE_HIRE_DATE:
    case EMPLOYEE_TERMINATION_DATE:
    case EMPLOYEE_LAST_WORKING_DAY:
    case EMPLOYEE_CONTRACT_END_DATE: return "decides when an account is made, invited and closed";
    case EMPLOYEE_EMAIL: return "identifies the account; invitations go to it";
    case EMPLOYEE_SUPERVISOR: return "the manager, as another person's id";
    case EMPLOYEE_FIRST_NAME:
    case EMPLOYEE_LAST_NAME:
    case EMPLOYEE_PREFERRED_NAME:
    case EMPLOYEE_JOB_TITLE:
    case EMPLOYEE_DEPARTMENT:
    case EMPLOYEE_TEAM:
    case EMPLOYEE_OFFICE:
    case EMPLOYEE_LEGAL_ENTITY:
    case EMPLOYEE_COST_CENTRE:
    case EMPLOYEE_EMPLOYMENT_TYPE:
    case EMPLOYEE_AVATAR:
    case EMPLOYEE_FIELDS_N: break;
    }
    return "used by the mapping";
}

static enum rc_code load(struct sheet_of *s) {
    struct cmd *c = s->c;
    enum rc_code rc = mapped_current(c->store, s->in, &c->arena, &s->mapping, &c->err);
    if (rc != RC_OK)
        return rc;
    s->reads = mapping_reads(s->mapping);
    if ((rc = retention_get(c->store, s->co->company_id, &s->retention, &c->err)) == RC_OK)
        rc = platform_list(c->store, s->co->company_id, &c->arena, &s->platforms, &s->platforms_n,
                           &c->err);
    return rc;
}

/* Fields that HR has a say about; the rest is never sent. */
static enum rc_code policy_of(const struct sheet_of *s, const struct platform *p,
                              struct policy *ret) {
    return policy_text_read(p->policy, &s->c->arena, ret, &s->c->err);
}

static bool is_sent(const struct policy *policy, int f) {
    return policy->owners[f] != POLICY_NEVER && f != USER_STATUS && f != USER_EXCLUDED;
}

/* ---- as JSON ---- */

static enum rc_code json_goes(const struct sheet_of *s, struct json_writer *w) {
    enum rc_code rc = RC_OK;
    json_array(w, "goes_to");
    for (size_t i = 0; i < s->platforms_n && rc == RC_OK; i++) {
        struct policy policy;
        if (!platform_is_fed(&s->platforms[i], s->in->integration_id) ||
            (rc = policy_of(s, &s->platforms[i], &policy)) != RC_OK)
            continue;
        json_object(w, NULL);
        json_put_text(w, "destination", s->platforms[i].key);
        json_put_text(w, "adapter", s->platforms[i].adapter);
        json_array(w, "fields");
        for (int f = 0; f < USER_FIELDS_N; f++)
            if (is_sent(&policy, f))
                json_put_cstr(w, NULL, user_field_name((enum user_field)f));
        json_array_end(w);
        json_object_end(w);
    }
    json_array_end(w);
    return rc;
}

static enum rc_code show_json(const struct sheet_of *s) {
    struct cmd_json j;
    cmd_json_begin(&j);
    json_object(&j.w, "privacy");
    json_put_text(&j.w, "company", s->co->key);
    json_put_text(&j.w, "integration", s->in->key);
    json_put_cstr(&j.w, "source", source_title(s));
    json_array(&j.w, "reads");
    for (int f = 0; f < EMPLOYEE_FIELDS_N; f++)
        if ((s->reads.fields >> f & 1) != 0) {
            json_object(&j.w, NULL);
            json_put_cstr(&j.w, "attribute", employee_field_name((enum employee_field)f));
            json_put_cstr(&j.w, "for", what_for((enum employee_field)f));
            json_object_end(&j.w);
        }
    for (size_t i = 0; i < s->reads.custom_n; i++) {
        json_object(&j.w, NULL);
        json_put_cstr(&j.w, "attribute",
                      arena_printf(&s->c->words, "custom(\"%s\")", s->reads.custom[i]));
        json_put_cstr(&j.w, "for", what_for(EMPLOYEE_FIELDS_N));
        json_object_end(&j.w);
    }
    json_array_end(&j.w);
    enum rc_code rc = json_goes(s, &j.w);
    json_object(&j.w, "kept_days");
    for (int i = 0; i < RETENTION_RULES_N; i++)
        s->retention.days[i] != 0
            ? json_put_int(&j.w, retention_rules[i].name, s->retention.days[i])
            : json_put_null(&j.w, retention_rules[i].name);
    json_object_end(&j.w);
    json_object_end(&j.w);
    cmd_json_finish(&j, rc);
    return rc;
}

/* ---- for people ---- */

static enum rc_code print_goes(const struct sheet_of *s) {
    struct cmd *c = s->c;
    enum rc_code rc = RC_OK;
    bool any = false;
    for (size_t i = 0; i < s->platforms_n && rc == RC_OK; i++) {
        const struct platform *p = &s->platforms[i];
        struct policy policy;
        struct buf b;
        if (!platform_is_fed(p, s->in->integration_id) || (rc = policy_of(s, p, &policy)) != RC_OK)
            continue;
        any = true;
        buf_init(&b, 4000);
        for (int f = 0; f < USER_FIELDS_N; f++)
            if (is_sent(&policy, f))
                buf_printf(&b, "%s%s", b.len > 0 ? ", " : "", user_field_name((enum user_field)f));
        printf("  %s (%s)\n", cmd_str(c, p->key), cmd_str(c, p->adapter));
        cmd_wrap(c, "    ", text_from(b.ptr, b.len));
        buf_done(&b);
    }
    if (!any)
        puts("  nowhere: it feeds no destination");
    return rc;
}

static enum rc_code show_text(const struct sheet_of *s) {
    struct cmd *c = s->c;
    printf("Personal data read by %s/%s from %s\n\nWhat is read of each person, and what for\n",
           cmd_str(c, s->co->key), cmd_str(c, s->in->key), source_title(s));
    printf("  %-20s  %s\n", "id", "tells people apart; part of the account's external id");
    for (int f = 0; f < EMPLOYEE_FIELDS_N; f++)
        if ((s->reads.fields >> f & 1) != 0)
            printf("  %-20s  %s\n", employee_field_name((enum employee_field)f),
                   what_for((enum employee_field)f));
    for (size_t i = 0; i < s->reads.custom_n; i++)
        printf("  %-20s  %s\n", cmd_str(c, text_of(s->reads.custom[i])),
               what_for(EMPLOYEE_FIELDS_N));
    puts(
        "  Whatever else the HR system answers is dropped while it is read, and stored nowhere.\n\n"
        "Where it goes, as far as the mapping fills it");
    enum rc_code rc = print_goes(s);
    puts("\nHow long it stays");
    puts(
        "  who is in HR, and what is current of them: until HR no longer has them and they are erased");
    for (int i = 0; i < RETENTION_RULES_N; i++)
        printf("  %s: %s\n", retention_rules[i].meaning,
               s->retention.days[i] == 0
                   ? "for ever"
                   : arena_printf(&c->words, "%lld days", (long long)s->retention.days[i]));
    printf("\nOne person:  rollcall people export %s --person ID;  rollcall people erase %s/ID\n",
           cmd_str(c, s->co->key), cmd_str(c, s->co->key));
    return rc;
}

enum cmd_exit cmd_integration_privacy(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    const char *ref;
    struct company co;
    struct integration in;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    struct sheet_of s = { .c = c, .co = &co, .in = &in };
    if ((rc = cmd_integration_of(c, ref, false, &co, &in)) != RC_OK || (rc = load(&s)) != RC_OK ||
        (rc = c->json ? show_json(&s) : show_text(&s)) != RC_OK)
        return cmd_fail(c, rc);
    return CMD_OK;
}
