/* What is kept of a credential between two openings in one process: its token, and how fast it may be
 * asked. Sources that are opened every few seconds would else sign in each time, which Personio allows
 * sixty times a minute, and begin each time as if nobody had asked just before.
 *
 * Found by a hash of address and credential, so no secret lies here but the token. A token is good for a
 * day; it is asked for anew after an hour. One that is refused is replaced in the source that has it. */
#include <pthread.h>
#include <string.h>
#include "secret/secret.h"
#include "source/personio_p.h"

enum { KEPT_MOST = 64, KEPT_S = 3600 };

struct kept {
    uint8_t hash[SECRET_HASH_BYTES];
    char token[PERSONIO_TOKEN_BYTES];
    struct pace pace;
    int64_t since_us, used_us; /* monotonic; used_us 0: free */
};
static struct kept all[KEPT_MOST];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void hash_of(const struct personio *p, uint8_t ret[SECRET_HASH_BYTES]) {
    const char *const parts[] = { p->base_url, p->client_id, p->client_secret };
    struct buf b;
    buf_init(&b, 1 << 16);
    for (size_t i = 0; i < RC_LEN(parts); i++)
        buf_append(&b, parts[i], strlen(parts[i]) + 1);
    secret_hash(b.ptr, b.len, ret);
    secret_wipe(b.ptr, b.len);
    buf_done(&b);
}

static struct kept *find(const uint8_t hash[SECRET_HASH_BYTES]) {
    for (size_t i = 0; i < KEPT_MOST; i++)
        if (all[i].used_us != 0 && memcmp(all[i].hash, hash, SECRET_HASH_BYTES) == 0)
            return &all[i];
    return NULL;
}

void personio_kept_take(struct personio *p) {
    uint8_t hash[SECRET_HASH_BYTES];
    int64_t now = clock_monotonic_us(p->clock);
    hash_of(p, hash);
    pthread_mutex_lock(&mutex);
    const struct kept *k = find(hash);
    if (k != NULL && now >= k->since_us && now - k->since_us < KEPT_S * INT64_C(1000000)) {
        memcpy(p->token, k->token, sizeof p->token);
        p->token_since_us = k->since_us;
    }
    if (k != NULL && k->pace.per_s == p->pace.per_s && now >= k->pace.at_us)
        p->pace = k->pace;
    pthread_mutex_unlock(&mutex);
}

void personio_kept_put(const struct personio *p) {
    uint8_t hash[SECRET_HASH_BYTES];
    hash_of(p, hash);
    pthread_mutex_lock(&mutex);
    struct kept *k = find(hash), *oldest = &all[0];
    for (size_t i = 1; i < KEPT_MOST && k == NULL; i++)
        if (all[i].used_us < oldest->used_us)
            oldest = &all[i];
    k = k != NULL ? k : oldest;
    memcpy(k->hash, hash, sizeof hash);
    memcpy(k->token, p->token, sizeof k->token);
    k->pace = p->pace;
    k->since_us = p->token_since_us;
    k->used_us = clock_monotonic_us(p->clock) + 1;
    pthread_mutex_unlock(&mutex);
}
