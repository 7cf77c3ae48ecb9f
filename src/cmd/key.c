/* rollcall key: which one it is, and another one in its place. */
#include "cmd/key.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include "store/keyring.h"

#define CREDENTIAL "rollcall.key"

/* ---- where it comes from ---- */

static const char *credential_path(struct cmd *c) {
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    if (folder == NULL || *folder == '\0')
        return NULL;
    const char *path = arena_printf(&c->arena, "%s/" CREDENTIAL, folder);
    /* one that may not be looked at is there: reading it says so */
    return access(path, F_OK) == 0 || errno != ENOENT ? path : NULL;
}

static enum rc_code is_file(struct cmd *c, enum cmd_key_kind kind, const char *path,
                            struct cmd_key_source *ret) {
    ret->kind = kind;
    if (strlen(path) + 8 >= sizeof ret->path)
        return rc_fail_as(&c->err, RC_INVALID, "secret.key", "the key file's name is too long");
    memcpy(ret->path, path, strlen(path) + 1);
    return RC_OK;
}

enum rc_code cmd_key_source(struct cmd *c, struct cmd_key_source *ret) {
    const char *digits = getenv("ROLLCALL_KEY"), *credential = credential_path(c);
    bool named = c->key_file != NULL && *c->key_file != '\0',
         given = digits != NULL && *digits != '\0';
    *ret = (struct cmd_key_source){ 0 };
    if (named + given + (credential != NULL) > 1)
        return rc_fail_as(&c->err, RC_INVALID, "secret.key",
                          "the key comes from more than one place: leave one of ROLLCALL_KEY_FILE, "
                          "ROLLCALL_KEY and the credential " CREDENTIAL);
    if (named)
        return is_file(c, CMD_KEY_FILE, c->key_file, ret);
    if (credential != NULL)
        return is_file(c, CMD_KEY_CREDENTIAL, credential, ret);
    if (given) {
        ret->kind = CMD_KEY_ENVIRONMENT;
        return RC_OK;
    }
    const char *file = cmd_key_file(c);
    return file != NULL ? is_file(c, CMD_KEY_FILE, file, ret) : c->err.code;
}

/* ---- reading ---- */

static enum rc_code read_one(const struct cmd_key_source *from, const char *end,
                             struct secret_key **ret, struct rc_error *err) {
    char path[sizeof from->path + 8];
    char *digits = getenv("ROLLCALL_KEY");
    snprintf(path, sizeof path, "%s%s", from->path, end);
    switch (from->kind) {
    case CMD_KEY_FILE: return secret_key_open(path, ret, err);
    case CMD_KEY_CREDENTIAL: return secret_key_open_credential(path, ret, err);
    case CMD_KEY_ENVIRONMENT: break;
    }
    if (digits == NULL || *digits == '\0')
        return rc_fail_as(
            err, RC_FATAL, "secret.key",
            "the key came with the environment of this process, and another one counts "
            "by now: start it again with the new ROLLCALL_KEY");
    return secret_key_take("ROLLCALL_KEY", digits, ret, err);
}

static enum rc_code fail_rename(const char *path, struct rc_error *err) {
    return rc_fail_as(err, RC_FATAL, "secret.key",
                      "the new key is %.150s, and cannot be renamed: %s", path, strerror(errno));
}

static void keep_folder(const char *file) {
    char folder[4200];
    snprintf(folder, sizeof folder, "%s", file);
    int fd = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)fsync(
        fd); /* else it is as after a crash in between: the next who reads the key goes on */
    close(fd);
}

/* NEW becomes FILE, and FILE what is kept. Workers and commands may come to it at once: whoever waited
 * finds no NEW any more, and that all is done. */
static enum rc_code put_in_place(const char *file, struct rc_error *err) {
    char new[4200], old[4200];
    enum rc_code rc = RC_OK;
    snprintf(new, sizeof new, "%s.new", file);
    snprintf(old, sizeof old, "%s.old", file);
    int fd = open(file, O_RDONLY | O_CLOEXEC); /* none: it was lost */
    if (fd >= 0 && flock(fd, LOCK_EX) != 0)
        rc = fail_rename(new, err);
    if (rc == RC_OK && access(new, F_OK) == 0) {
        unlink(old);
        if ((link(file, old) != 0 && errno != ENOENT) || rename(new, file) != 0)
            rc = fail_rename(new, err);
        keep_folder(file);
    }
    if (fd >= 0)
        close(fd);
    return rc;
}

enum rc_code cmd_key_read(const struct cmd_key_source *from, struct store *st,
                          struct secret_key **ret, struct rc_error *err) {
    RC_CLEANUP(secret_key_closep) struct secret_key *k = NULL, *next = NULL;
    enum rc_code rc = read_one(from, "", &k, err);
    if (rc == RC_OK && (rc = keyring_open(st, k, err)) == RC_OK) {
        *ret = RC_TAKE(k);
        return RC_OK;
    }
    /* A rotation that came as far as the database, and not to the files. */
    if (rc != RC_FATAL || from->kind != CMD_KEY_FILE ||
        read_one(from, ".new", &next, NULL) != RC_OK || keyring_open(st, next, NULL) != RC_OK)
        return rc;
    if ((rc = put_in_place(from->path, err)) == RC_OK)
        *ret = RC_TAKE(next);
    return rc;
}

/* ---- commands ---- */

static const char *place_of(struct cmd *c, const struct cmd_key_source *s) {
    return s->kind == CMD_KEY_ENVIRONMENT  ? "ROLLCALL_KEY"
           : s->kind == CMD_KEY_CREDENTIAL ? "the credential " CREDENTIAL
                                           : arena_str(&c->arena, s->path, strlen(s->path));
}

static void show(struct cmd *c, const char *place, const struct keyring *k, int64_t secrets) {
    char at[32];
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        json_object(&j.w, "key");
        json_put_cstr(&j.w, "key", k->key_id);
        json_put_cstr(&j.w, "from", place);
        json_put_cstr(&j.w, "rotated_at",
                      k->rotated_us != 0 ? date_format_instant(k->rotated_us, at) : NULL);
        if (secrets >= 0)
            json_put_int(&j.w, "sealed_anew", secrets);
        json_object_end(&j.w);
        cmd_json_end(&j);
        return;
    }
    printf("key      %s\nfrom     %s\nrotated  %s\n", k->key_id, place, cmd_when(c, k->rotated_us));
    if (secrets >= 0)
        printf("\n%s integrations and destinations have their secrets sealed anew\n",
               cmd_count(c, secrets));
}

enum cmd_exit cmd_key_show(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    struct cmd_key_source from;
    struct keyring k;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 0, 0, NULL))
        return CMD_MISUSED;
    if ((rc = cmd_key_source(c, &from)) != RC_OK || (rc = cmd_open_key(c)) != RC_OK ||
        (rc = keyring_get(c->store, &c->arena, &k, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    show(c, place_of(c, &from), &k, -1);
    return CMD_OK;
}

/* Without the old key nothing that it sealed can be had back. */
static enum rc_code start_over(struct cmd *c, const struct cmd_key_source *from, const char *to,
                               int64_t *ret_n) {
    RC_CLEANUP(secret_key_closep) struct secret_key *next = NULL;
    enum rc_code rc = cmd_open(c);
    if (rc == RC_OK && (rc = secret_key_make(to, &c->err)) == RC_CONFLICT)
        rc = RC_OK;
    if (rc != RC_OK || (rc = secret_key_open(to, &next, &c->err)) != RC_OK ||
        (rc = keyring_start_over(c->store, next, ret_n, &c->err)) != RC_OK)
        return rc;
    return from != NULL ? put_in_place(from->path, &c->err) : RC_OK;
}

/* The new key is on the disk before anything is sealed with it, and in its place once everything is. */
static enum rc_code rotate(struct cmd *c, const struct cmd_key_source *from, const char *to,
                           int64_t *ret_n) {
    RC_CLEANUP(secret_key_closep) struct secret_key *next = NULL;
    enum rc_code rc = secret_key_make(to, &c->err);
    if ((rc != RC_OK && rc != RC_CONFLICT) || (rc = secret_key_open(to, &next, &c->err)) != RC_OK ||
        (rc = keyring_rotate(c->store, c->key, next, clock_now_us(c->clock), cmd_who(c), ret_n,
                             &c->err)) != RC_OK)
        return rc;
    secret_key_close(c->key);
    c->key = RC_TAKE(next);
    return from != NULL ? put_in_place(from->path, &c->err) : RC_OK;
}

static const char *next_step(const struct cmd_key_source *from, bool elsewhere) {
    if (!elsewhere)
        return "The key of before is kept beside it (.old), for backups of before; keep it apart, and a\n"
               "copy of the new one somewhere safe. rollcall serve reads it by itself.";
    return from->kind == CMD_KEY_FILE
               ? "Next:  let ROLLCALL_KEY_FILE name the new file, and start rollcall serve again with it."
               : "Next:  give the new key where the old one came from, and start rollcall serve again.";
}

enum cmd_exit cmd_key_rotate(struct cmd *c, int argc, char **argv) {
    const char *to = NULL, *lost = NULL;
    const struct cmd_option options[] = {
        { "lost", NULL, "the old key is gone for good: credentials have to be entered anew",
          .value = &lost },
        { "new", "FILE", "the new key; it is made where it is not there. Else the key file gets it",
          .value = &to },
        { 0 }
    };
    struct cmd_key_source from;
    struct keyring k;
    int64_t n = 0;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 0, 0, NULL))
        return CMD_MISUSED;
    if ((rc = cmd_key_source(c, &from)) != RC_OK)
        return cmd_fail(c, rc);
    if (to == NULL && from.kind != CMD_KEY_FILE)
        return cmd_misused(c,
                           "the key comes from %s, which rollcall cannot write: --new FILE says "
                           "where the new one is to be",
                           place_of(c, &from));
    const char *next = to != NULL ? to : arena_printf(&c->arena, "%s.new", from.path);
    const struct cmd_key_source *file = to == NULL ? &from : NULL;
    rc = lost != NULL ? start_over(c, file, next, &n) : cmd_open_key(c);
    if (rc != RC_OK || (lost == NULL && (rc = rotate(c, file, next, &n)) != RC_OK) ||
        (rc = keyring_get(c->store, &c->arena, &k, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    show(c, to != NULL ? to : place_of(c, &from), &k, lost != NULL ? -1 : n);
    if (!c->json && lost != NULL)
        printf(
            "\ncredentials of %s integrations and destinations are gone: enter them anew with\n"
            "rollcall integration set ... --secret-file, rollcall destination set ... --secret-file;\n"
            "webhooks are to be set up anew: rollcall integration webhook show ...\n",
            cmd_count(c, n));
    else if (!c->json)
        puts(next_step(&from, to != NULL));
    return CMD_OK;
}
