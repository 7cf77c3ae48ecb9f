/* One person: everything that is held of them in one document, and forgetting them. */
#include "cmd/people.h"
#include "show/subject.h"
#include "store/hook_event.h"
#include "sync/erase.h"

enum { DOCUMENT_BYTES = 1 << 30, RECEIPTS_MOST = 1000 };

/* ---- who ---- */

static enum rc_code find(struct cmd *c, const char *ref, struct company *co, struct subject *ret) {
    const char *who;
    enum rc_code rc = cmd_company_of(c, ref, co, &who);
    if (rc != RC_OK)
        return rc;
    const struct show s = cmd_show(c);
    return show_subject_find(&s, co, who, ret, &c->err);
}

/* ---- export ---- */

enum cmd_exit people_export_one(struct cmd *c, const char *company, const char *who) {
    RC_CLEANUP(store_closep) struct store *events = NULL;
    struct subject s = { 0 };
    struct company co;
    struct json_writer w;
    struct buf b;
    enum rc_code rc = find(c, arena_printf(&c->arena, "%s/%s", company, who), &co, &s);
    if (rc != RC_OK || (rc = hook_events_open(c->where, &events, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    const struct show show = cmd_show(c);
    buf_init(&b, DOCUMENT_BYTES);
    json_begin(&w, &b);
    json_object(&w, NULL);
    rc = show_subject(&show, events, &w, &co, &s, &c->err);
    json_object_end(&w);
    buf_char(&b, '\n');
    if (rc == RC_OK)
        fwrite(b.ptr, 1, b.len, stdout);
    buf_done(&b);
    return rc == RC_OK ? CMD_OK : cmd_fail(c, rc);
}

/* ---- receipts ---- */

static void print_list(struct cmd *c, struct text list) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 16);
    json doc, key, value;
    const char *s;
    size_t len;
    int64_t n;
    if (json_parse_copy(r, list.ptr, list.len, &doc, NULL) != RC_OK)
        return;
    for (struct json_iter it = json_iter(doc); json_next(&it, &key, &value);)
        if (key != NULL && json_int(value, &n) && json_str(key, &s, &len))
            printf("  %-12.*s %s\n", (int)len, s, cmd_count(c, n));
        else if (key == NULL && json_str(value, &s, &len))
            cmd_wrap(c, "  ", text_from(s, len));
}

static void print_receipt(struct cmd *c, const struct erasure *e) {
    char person[SHOW_HEX_BYTES], removed[SHOW_HEX_BYTES];
    printf(
        "receipt  %lld\nat       %s\nby       %s\nreason   %s\nwho      %s\nwhat     %s\nremoved\n",
        (long long)e->erasure_id, cmd_when(c, e->at_us), cmd_str(c, e->who), cmd_str(c, e->reason),
        show_hex(e->person, person), show_hex(e->removed, removed));
    print_list(c, e->counts);
    puts("kept");
    print_list(c, e->kept);
    if (e->logs_us != 0)
        printf("logs     have no old pages of it since %s\n", cmd_when(c, e->logs_us));
    else
        cmd_wrap(
            c, "",
            TEXT_LIT("logs     of the database's files may still have old pages of it, as somebody "
                     "was reading an older state: rollcall serve tries again until it is done, "
                     "and then this receipt says when"));
}

enum cmd_exit cmd_people_erase(struct cmd *c, int argc, char **argv) {
    const char *ref, *reason = NULL, *yes = NULL;
    const struct cmd_option options[] = {
        { "reason", "TEXT", "who asked for it, and why; it stands on the receipt",
          .value = &reason },
        { "yes", NULL, "also while HR has the person, or they have an account", .value = &yes },
        { 0 }
    };
    RC_CLEANUP(store_closep) struct store *events = NULL;
    struct subject s = { 0 };
    struct company co;
    struct erasure e;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if (reason == NULL || *reason == '\0')
        return cmd_misused(c,
                           "say who asked for it, and why: --reason TEXT; not by name, it stays");
    struct erase_options o = {
        .who = cmd_who(c), .reason = reason, .insists = yes != NULL, .clock = c->clock
    };
    if ((rc = cmd_open_key(c)) != RC_OK || (rc = find(c, ref, &co, &s)) != RC_OK ||
        (rc = hook_events_open(c->where, &events, &c->err)) != RC_OK ||
        (rc = erase_person(c->store, events, c->key, &co, &s, &o, &c->arena, &e, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        show_erasure(&j.w, "erasure", &e);
        cmd_json_end(&j);
    } else
        print_receipt(c, &e);
    return CMD_OK;
}

enum cmd_exit cmd_people_receipts(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    struct company co;
    struct erasure *list;
    size_t n = 0;
    const char *key;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &key))
        return CMD_MISUSED;
    if ((rc = cmd_company_of(c, key, &co, NULL)) != RC_OK ||
        (rc = erasure_list(c->store, co.company_id, NULL, RECEIPTS_MOST, &c->arena, &list, &n,
                           &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        json_array(&j.w, "receipts");
        for (size_t i = 0; i < n; i++)
            show_erasure(&j.w, NULL, &list[i]);
        json_array_end(&j.w);
        cmd_json_end(&j);
        return CMD_OK;
    }
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            putchar('\n');
        print_receipt(c, &list[i]);
    }
    if (n == 0)
        puts("nobody was erased");
    return CMD_OK;
}
