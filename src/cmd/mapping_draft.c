/* A mapping as it is written: checked, and saved as a draft. */
#include <string.h>
#include "cmd/mapping.h"
#include "show/mapping.h"
#include "store/mapping_text.h"
#include "sync/mapped.h"

/* ---- findings ---- */

static void print_findings(struct cmd *c, FILE *to, const struct mapping_findings *f) {
    for (size_t i = 0; i < f->n; i++) {
        const struct mapping_finding *one = &f->list[i];
        fprintf(to, "  line %u, column %u: %s: %s\n", one->line, one->column,
                one->severity == MAPPING_ERROR ? "error" : "warning",
                cmd_str(c, text_of(one->sentence)));
        if (one->suggestion != NULL)
            fprintf(to, "    did you mean \"%s\"?\n", cmd_str(c, text_of(one->suggestion)));
    }
}

static enum cmd_exit refuse(struct cmd *c, const struct mapping_findings *f, enum rc_code rc) {
    if (!c->json && f->n > 0) {
        fputs("rollcall: the mapping cannot be used, and nothing was saved:\n", stderr);
        print_findings(c, stderr, f);
        return CMD_FAILED;
    }
    return cmd_fail(c, rc);
}

/* ---- checking ---- */

/* The integration, with what it takes to ask HR where this machine has the key. */
static enum rc_code integration_of(struct cmd *c, const char *ref, struct company *co,
                                   struct integration *in) {
    bool has_key = cmd_open_key(c) == RC_OK;
    return cmd_integration_of(c, ref, has_key, co, in);
}

static enum rc_code check(struct cmd *c, const struct integration *in, struct text text,
                          struct mapped_checked *ret) {
    return mapped_check(in, text, &(struct mapped_source){ .clock = c->clock }, &c->arena, ret,
                        &c->err);
}

/* What is no finding in the text, and has to be known all the same. */
static void print_notes(struct cmd *c, FILE *to, const struct integration *in,
                        const struct mapped_checked *k) {
    struct rc_error err = { 0 };
    if (k->mapping != NULL && k->keys == MAPPED_KEYS_UNCHECKED)
        fprintf(
            to,
            "  the keys in custom(\"...\") could not be checked until HR is read: it never was, "
            "and asking it now failed (%s)\n",
            k->not_asked.text);
    if (k->mapping != NULL && mapped_team_agrees(in, k->mapping, &err) != RC_OK)
        fprintf(to, "  it cannot be activated as it is: %s\n", err.text);
    struct mapped_not_taken *list;
    size_t n = 0;
    if (k->mapping != NULL &&
        mapped_not_taken(c->store, in, k->mapping, &c->arena, &list, &n, &c->err) != RC_OK)
        fprintf(to, "  what the platforms can take could not be looked up: %s\n", c->err.text);
    for (size_t i = 0; i < n; i++)
        fprintf(to, "  %s cannot take: %s; kept here, and not sent%s\n", list[i].destination,
                list[i].fields,
                list[i].leave_date ? " (accounts are closed on their day all the same)" : "");
}

enum cmd_exit cmd_mapping_draft(struct cmd *c, int argc, char **argv) {
    const char *ref, *file = NULL, *note = NULL, *replace = NULL;
    const struct cmd_option options[] = {
        { "file", "FILE", "the mapping's text; - is standard input", .value = &file },
        { "note", "TEXT", "what it is for", .value = &note },
        { "replace", "NUMBER", "a draft that it takes the place of", .value = &replace },
        { 0 }
    };
    struct company co;
    struct integration in;
    struct mapped_checked checked = { 0 };
    struct mapping_text t = { .made_us = clock_now_us(c->clock) };
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref) ||
        (replace != NULL && !mapping_number(c, replace, &t.mapping_id)))
        return CMD_MISUSED;
    if (file == NULL)
        return cmd_misused(c, "--file wants the mapping's text; - is standard input");
    t.note = text_of(note);
    t.made_by = text_of(cmd_who(c));
    if ((rc = integration_of(c, ref, &co, &in)) != RC_OK ||
        (rc = cmd_file(c, file, MAPPING_TEXT_BYTES, "mapping.invalid", "a mapping", &t.source)) !=
            RC_OK)
        return cmd_fail(c, rc);
    if ((rc = check(c, &in, t.source, &checked)) != RC_OK)
        return refuse(c, &checked.findings, rc);
    rc = replace != NULL
             ? mapping_text_save(c->store, co.company_id, in.integration_id, &t, &c->err)
             : mapping_text_add(c->store, co.company_id, in.integration_id, &t, &t.mapping_id,
                                &c->err);
    if (rc != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        const struct show s = cmd_show(c);
        struct cmd_json j;
        cmd_json_begin(&j);
        json_put_int(&j.w, "mapping", t.mapping_id);
        show_mapping_checked(&s, &j.w, &in, &checked);
        cmd_json_end(&j);
        return CMD_OK;
    }
    print_findings(c, stderr, &checked.findings);
    print_notes(c, stderr, &in, &checked);
    printf("draft %lld is saved; nothing has changed yet. See what it would do, then decide:\n"
           "  rollcall mapping diff %s %lld\n  rollcall mapping try %s %lld --all\n"
           "  rollcall mapping activate %s %lld\n",
           (long long)t.mapping_id, ref, (long long)t.mapping_id, ref, (long long)t.mapping_id, ref,
           (long long)t.mapping_id);
    return CMD_OK;
}

/* The text of a file, of a stored mapping, or of the one that counts: missing for the default. */
static enum rc_code text_to_check(struct cmd *c, const struct integration *in, const char *file,
                                  const int64_t *mapping_id, struct text *ret) {
    struct mapping_text t = { 0 };
    enum rc_code rc = RC_OK;
    if (file != NULL)
        return cmd_file(c, file, MAPPING_TEXT_BYTES, "mapping.invalid", "a mapping", ret);
    if (mapping_id == NULL)
        rc = mapping_text_active(c->store, in->company_id, in->integration_id, &c->arena, &t,
                                 &c->err);
    else if (*mapping_id != 0)
        rc = mapping_text_get(c->store, in->company_id, in->integration_id, *mapping_id, &c->arena,
                              &t, &c->err);
    *ret = t.source;
    return rc == RC_NOT_FOUND && mapping_id == NULL ? RC_OK : rc;
}

enum cmd_exit cmd_mapping_check(struct cmd *c, int argc, char **argv) {
    const char *args[2] = { NULL }, *file = NULL;
    const struct cmd_option options[] = {
        { "file", "FILE", "a text that is not saved; - is standard input", .value = &file }, { 0 }
    };
    struct company co;
    struct integration in;
    struct mapped_checked k = { 0 };
    struct text text;
    enum rc_code rc;
    int64_t id = 0;
    if (!cmd_parse(c, argc, argv, options, 1, 2, args) ||
        (args[1] != NULL && !mapping_number(c, args[1], &id)))
        return CMD_MISUSED;
    if (file != NULL && args[1] != NULL)
        return cmd_misused(c, "a number and --file are two mappings: check one of them");
    if ((rc = integration_of(c, args[0], &co, &in)) != RC_OK ||
        (rc = text_to_check(c, &in, file, args[1] != NULL ? &id : NULL, &text)) != RC_OK)
        return cmd_fail(c, rc);
    rc = check(c, &in, text, &k);
    if (rc != RC_OK && rc != RC_INVALID)
        return cmd_fail(c, rc);
    if (c->json) {
        const struct show s = cmd_show(c);
        struct cmd_json j;
        cmd_json_begin(&j);
        json_put_bool(&j.w, "ok", rc == RC_OK);
        show_mapping_checked(&s, &j.w, &in, &k);
        cmd_json_end(&j);
        return rc == RC_OK ? CMD_OK : CMD_FAILED;
    }
    print_findings(c, stdout, &k.findings);
    print_notes(c, stdout, &in, &k);
    if (rc != RC_OK)
        printf("%zu error%s: it cannot be used so.\n", k.findings.errors_n,
               k.findings.errors_n == 1 ? "" : "s");
    else
        puts(k.findings.n > 0 ? "No error: it can be used." : "Nothing was found: it can be used.");
    return rc == RC_OK ? CMD_OK : CMD_FAILED;
}
