/* policy_text.h - a platform's policy as it is kept: a JSON object of the settings that differ from
 * policy_default, each in the words that policy_set() takes: {"invite":"on-hire-date"}.
 *
 * Errors: RC_INVALID "policy" names the setting. */
#pragma once
#include "json/json.h"
#include "people/policy.h"

/* Missing text: the default. Texts of the policy lie in the arena. */
enum rc_code policy_text_read(struct text t, struct arena *a, struct policy *ret,
                              struct rc_error *err);
void policy_text_write(const struct policy *p, struct buf *ret);

/* What a platform said that it can do: {"takes":["email",...],"needs":[...],"empties":[...],
 * "creates_silently":true,"invites":false,"customs":true,"owner_role":"owner"}. Missing, or a field
 * that is not known: it cannot. */
void policy_caps_write(const struct policy_caps *c, struct buf *ret);
void policy_caps_read(struct text t, struct arena *a, struct policy_caps *ret);
