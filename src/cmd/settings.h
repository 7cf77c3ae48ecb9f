/* settings.h - settings of an adapter (base/setting.h) on the command line: taken, kept and shown, the
 * same for HR systems and learning platforms; and the guard's limits beside them. */
#pragma once
#include "base/setting.h"
#include "cmd/cmd.h"

enum { CMD_SETTINGS_MAX = 32 };
struct cmd_settings { /* beside the adapter's own table */
    const char *values[CMD_SETTINGS_MAX];
};
/* What was typed. */
struct cmd_given {
    struct cmd_list set, secret_file, secret_env;
};
#define CMD_GIVEN_OPTIONS(g, of)                                                                   \
    { "set", "KEY=VALUE", "a setting of the " of ", see below; may be given again",                \
      .list = &(g).set },                                                                          \
        { "secret-file", "KEY=FILE", "a secret setting, from a file", .list = &(g).secret_file },  \
    {                                                                                              \
        "secret-env", "KEY=NAME", "a secret setting, from the environment",                        \
            .list = &(g).secret_env                                                                \
    }
bool cmd_given_any(const struct cmd_given *g);

/* Of a stored JSON object, those that are secret, or those that are not. */
void cmd_settings_load(struct cmd *c, const struct setting *all, struct text stored, bool secret,
                       struct cmd_settings *to);
/* Missing: there are no secrets. */
struct text cmd_settings_json(struct cmd *c, const struct setting *all,
                              const struct cmd_settings *s, bool secret);
/* False: misused, and it has been said. title: of the adapter. */
bool cmd_settings_take(struct cmd *c, const struct setting *all, const char *title,
                       const struct cmd_given *g, struct cmd_settings *s);
void cmd_settings_print(struct cmd *c, struct text settings);
void cmd_settings_help(const struct setting *all);

/* given NULL: stays; "": the usual ones. False: misused, and it has been said. */
bool cmd_limits_take(struct cmd *c, const char *given, struct text *ret);
void cmd_limits_help(void);

void cmd_finding_print(const struct finding *f);
