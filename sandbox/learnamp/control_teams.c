/* control_teams.c - teams and settings by hand: /_control/teams, /fields, /occupations. */
#include <string.h>
#include "sandbox/learnamp/learnamp.h"

/* ---- truth ---- */

static void put_ids(struct json_writer *w, const struct platform *p, const char *key,
                    const struct numbers *accounts) {
    json_array(w, key);
    for (size_t i = 0; i < accounts->n; i++)
        json_put_int(w, NULL, p->accounts[accounts->all[i]].id);
    json_array_end(w);
}

static void write_team(struct json_writer *w, const struct platform *p, const struct team *t) {
    json_object(w, NULL);
    json_put_int(w, "id", t->id);
    json_put_bool(w, "exists", t->exists);
    json_put_cstr(w, "name", t->name);
    json_put_cstr(w, "integrationExternalId", t->external_id);
    json_put_cstr(w, "tags", t->tags);
    if (t->parent == NONE)
        json_put_null(w, "parent");
    else
        json_put_int(w, "parent", p->teams[t->parent].id);
    if (t->manager == NONE)
        json_put_null(w, "manager");
    else
        json_put_int(w, "manager", p->accounts[t->manager].id);
    put_ids(w, p, "secondaryManagers", &t->secondary_managers);
    put_ids(w, p, "members", &t->members);
    json_object_end(w);
}

static void answer_team(struct call *c, int status, uint32_t team) {
    struct json_answer o;
    answer_begin(&o);
    write_team(&o.w, platform_of(c), &platform_of(c)->teams[team]);
    answer_end(&o, c, status);
}

static void all_teams(struct call *c) {
    const struct platform *p = platform_of(c);
    struct json_answer o;
    answer_begin(&o);
    json_object(&o.w, NULL);
    json_array(&o.w, "teams");
    for (size_t i = 0; i < p->teams_n; i++)
        write_team(&o.w, p, &p->teams[i]);
    json_array_end(&o.w);
    json_object_end(&o.w);
    answer_end(&o, c, 200);
}

/* ---- edits ---- */

static enum rc_code edit_text(struct platform *p, uint32_t team, const char *key, json value,
                              struct rc_error *err) {
    const char *text = "";
    size_t len = 0;
    if (json_type(value) != JSON_NULL && !json_str(value, &text, &len))
        return rc_fail(err, RC_INVALID, "%s: a text, or null", key);
    if (len > ACCOUNT_TEXT_MAX || memchr(text, '\0', len) != NULL)
        return rc_fail(err, RC_INVALID, "%s: too long, or with a NUL in it", key);
    if (strcmp(key, "name") == 0) {
        if (len == 0)
            return rc_fail(err, RC_INVALID, "name: a team has one");
        team_set_name(p, team, text, len);
    } else if (strcmp(key, "tags") == 0) {
        team_set_tags(p, team, text_from(text, len));
    } else {
        uint32_t holder = team_by_external_id(p, text, len, false);
        if (len > 0 && holder != NONE && holder != team)
            return rc_fail(err, RC_INVALID, "%s: team %u has it", key, p->teams[holder].id);
        team_set_external_id(p, team, text_from(text, len));
    }
    return RC_OK;
}

static enum rc_code edit_reference(struct platform *p, uint32_t team, const char *key, json value,
                                   struct rc_error *err) {
    bool is_team = strcmp(key, "parent") == 0;
    uint32_t found = NONE;
    int64_t id = -1;
    if (json_type(value) != JSON_NULL) {
        if (json_int(value, &id) && id >= 0)
            found = is_team ? team_by_id(p, (uint64_t)id) : account_by_id(p, (uint64_t)id);
        if (found == NONE)
            return rc_fail(err, RC_NOT_FOUND, "%s: there is none with this id", key);
    }
    if (!is_team)
        team_set_manager(p, team, found);
    else if (!team_set_parent(p, team, found))
        return rc_fail(err, RC_INVALID, "parent: the team would stand below itself");
    return RC_OK;
}

/* The list is what the members are from now on. */
static enum rc_code edit_members(struct platform *p, uint32_t team, json list,
                                 struct rc_error *err) {
    struct numbers wanted = { 0 };
    json no_key, one;
    int64_t id;
    enum rc_code rc = RC_OK;
    for (struct json_iter it = json_iter(list); rc == RC_OK && json_next(&it, &no_key, &one);) {
        uint32_t account = json_int(one, &id) && id >= 0 ? account_by_id(p, (uint64_t)id) : NONE;
        if (account == NONE)
            rc = rc_fail(err, RC_NOT_FOUND, "members: there is no account with this id");
        else
            numbers_add(&wanted, account);
    }
    for (size_t i = p->teams[team].members.n; rc == RC_OK && i > 0; i--)
        if (!numbers_have(&wanted, p->teams[team].members.all[i - 1]))
            account_leave(p, p->teams[team].members.all[i - 1], team);
    for (size_t i = 0; rc == RC_OK && i < wanted.n; i++)
        account_join(p, wanted.all[i], team);
    numbers_done(&wanted);
    return rc;
}

static enum rc_code edit_all(struct call *c, uint32_t team, json body, struct rc_error *err) {
    struct platform *p = platform_of(c);
    const struct happening h = happening_of(c);
    enum rc_code rc = RC_OK;
    json name, value;
    const char *key;
    size_t len;
    for (struct json_iter it = json_iter(body); rc == RC_OK && json_next(&it, &name, &value);) {
        if (name == NULL || !json_str(name, &key, &len))
            return rc_fail(err, RC_INVALID, "an object of names and values");
        if (strcmp(key, "name") == 0 || strcmp(key, "tags") == 0 ||
            strcmp(key, "integrationExternalId") == 0)
            rc = edit_text(p, team, key, value, err);
        else if (strcmp(key, "parent") == 0 || strcmp(key, "manager") == 0)
            rc = edit_reference(p, team, key, value, err);
        else if (strcmp(key, "members") == 0)
            rc = edit_members(p, team, value, err);
        else
            rc = rc_fail(err, RC_INVALID, "there is no '%s'", key);
    }
    trail_add(&learnamp_of(c->sb)->trail, h.now_us, h.by, "team edited", p->teams[team].id, "%s",
              p->teams[team].name);
    return rc;
}

static void edit(struct call *c, uint32_t team, json body, int status) {
    struct rc_error err;
    enum rc_code rc = edit_all(c, team, body, &err);
    if (rc != RC_OK && status == 201)
        team_remove(platform_of(c), team);
    if (rc != RC_OK)
        control_refused(c, rc, &err);
    else
        answer_team(c, status, team);
}

static void add(struct call *c, json body) {
    struct platform *p = platform_of(c);
    if (p->teams_n >= TEAMS_MAX)
        answer_json(c, 400, "{\"error\":\"there are too many teams\"}");
    else
        edit(c, team_add(p, "New team", strlen("New team"), vclock_now_us(&c->sb->clock)), body,
             201);
}

/* ---- settings ---- */

static void list_settings(struct call *c) {
    const struct platform *p = platform_of(c);
    struct json_answer o;
    answer_begin(&o);
    json_object(&o.w, NULL);
    json_array(&o.w, "fields");
    for (size_t i = 0; i < p->fields_n; i++) {
        json_object(&o.w, NULL);
        json_put_cstr(&o.w, "name", p->fields[i].name);
        json_put_bool(&o.w, "mandatory", p->fields[i].mandatory);
        json_object_end(&o.w);
    }
    json_array_end(&o.w);
    json_array(&o.w, "occupations");
    for (size_t i = 0; i < p->occupations_n; i++)
        json_put_cstr(&o.w, NULL, p->occupations[i]);
    json_array_end(&o.w);
    json_object_end(&o.w);
    answer_end(&o, c, 200);
}

/* {"name","mandatory"}: made, or changed when there is one of this name. */
static void set_field(struct call *c, json body) {
    struct platform *p = platform_of(c);
    const char *name = "";
    size_t len = 0, at = 0;
    json_str(json_get(body, "name"), &name, &len);
    while (at < p->fields_n && strcmp(p->fields[at].name, name) != 0)
        at++;
    if (len == 0 || len > ACCOUNT_TEXT_MAX || at == FIELDS_MAX) {
        answer_json(c, 400,
                    "{\"error\":\"name: of at most 255 bytes; there are at most %d fields\"}",
                    FIELDS_MAX);
        return;
    }
    if (at == p->fields_n)
        p->fields[p->fields_n++] = (struct field){ mem_str(name), false };
    json_bool(json_get(body, "mandatory"), &p->fields[at].mandatory);
    p->version++;
    list_settings(c);
}

static void add_occupation(struct call *c, json body) {
    struct platform *p = platform_of(c);
    const char *name = "";
    size_t len = 0;
    json_str(json_get(body, "name"), &name, &len);
    if (len == 0 || len > ACCOUNT_TEXT_MAX || p->occupations_n == OCCUPATIONS_MAX) {
        answer_json(c, 400,
                    "{\"error\":\"name: of at most 255 bytes; there are at most %d roles\"}",
                    OCCUPATIONS_MAX);
        return;
    }
    p->occupations[p->occupations_n++] = mem_str(name);
    list_settings(c);
}

bool control_teams(struct call *c, const char *path, json body) {
    bool one = control_is(c, "GET", path, "teams/") || control_is(c, "PATCH", path, "teams/") ||
               control_is(c, "DELETE", path, "teams/");
    if (control_is(c, "GET", path, "teams"))
        all_teams(c);
    else if (control_is(c, "POST", path, "teams"))
        add(c, body);
    else if (control_is(c, "GET", path, "settings"))
        list_settings(c);
    else if (control_is(c, "POST", path, "fields"))
        set_field(c, body);
    else if (control_is(c, "POST", path, "occupations"))
        add_occupation(c, body);
    else if (!one)
        return false;
    if (!one)
        return true;
    uint32_t team = control_index(c, path, true);
    if (team == NONE)
        return true;
    if (*c->q->method == 'G') {
        answer_team(c, 200, team);
    } else if (*c->q->method == 'P') {
        edit(c, team, body, 200);
    } else {
        team_remove(platform_of(c), team);
        answer_json(c, 200, "{}");
    }
    return true;
}
