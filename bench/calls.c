/* calls.c - what libcurl alone can do with the calls that a first delivery makes: no plan, no database, no proof. script/bench
 * deliver measures rollcall against it.
 *
 *     calls ORIGIN FILE LANES
 *     calls nothing                   what a process costs by itself
 *
 * FILE has a line for each account: the JSON of its creation, a tab, and the line of its manager (from 1; 0: none). First all
 * accounts are made, LANES threads with a handle kept alive each; then those with a manager are given it, as rollcall does: a GET
 * of the account as it is, and a PUT with the manager's id among what such a call has to repeat. The bearer token comes in ROLLCALL_BENCH_TOKEN. The last line is
 * JSON: accounts, calls, the seconds of the loop. */
#include <curl/curl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <yyjson.h>

enum { LANES_MAX = 32, ACCOUNTS_MAX = 1 << 20, BODY_BYTES = 1 << 16, LINE_BYTES = 1 << 14 };

static struct {
    char *json;
    int manager;
    int64_t id;
} accounts[ACCOUNTS_MAX];
static int accounts_n;
static const char *origin;
static _Atomic int next_account, calls_n;
static bool gives_managers;

_Noreturn static void die(const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs("calls: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void read_accounts(const char *path) {
    static char line[LINE_BYTES];
    FILE *f = fopen(path, "r");
    if (f == NULL)
        die("%s cannot be read", path);
    while (accounts_n < ACCOUNTS_MAX && fgets(line, sizeof line, f) != NULL) {
        char *tab = strchr(line, '\t');
        if (tab == NULL)
            die("a line without a tab");
        *tab = '\0';
        accounts[accounts_n].json = strdup(line);
        accounts[accounts_n++].manager = (int)strtol(tab + 1, NULL, 10);
    }
    fclose(f);
}

/* ---- one lane ---- */

struct lane {
    CURL *easy;
    struct curl_slist *headers;
    char body[BODY_BYTES];
    size_t len;
};

static size_t on_body(char *bytes, size_t one, size_t n, void *self) {
    struct lane *l = self;
    if (one * n > BODY_BYTES - YYJSON_PADDING_SIZE - l->len)
        return 0;
    memcpy(l->body + l->len, bytes, one * n);
    l->len += one * n;
    return one * n;
}

/* The answer's id. */
static int64_t call(struct lane *l, const char *method, const char *url, const char *json,
                    long want) {
    long status = 0;
    l->len = 0;
    curl_easy_setopt(l->easy, CURLOPT_URL, url);
    curl_easy_setopt(l->easy, CURLOPT_CUSTOMREQUEST, method);
    if (json != NULL)
        curl_easy_setopt(l->easy, CURLOPT_POSTFIELDS, json);
    else
        curl_easy_setopt(l->easy, CURLOPT_HTTPGET, 1L);
    CURLcode rc = curl_easy_perform(l->easy);
    if (rc != CURLE_OK)
        die("%s %s: %s", method, url, curl_easy_strerror(rc));
    curl_easy_getinfo(l->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != want)
        die("%s %s: status %ld: %.*s", method, url, status, (int)l->len, l->body);
    memset(l->body + l->len, 0, YYJSON_PADDING_SIZE);
    yyjson_doc *doc = yyjson_read_opts(l->body, l->len, YYJSON_READ_INSITU, NULL, NULL);
    int64_t id = yyjson_get_sint(yyjson_obj_get(yyjson_doc_get_root(doc), "id"));
    yyjson_doc_free(doc);
    calls_n++;
    return id;
}

static void give_manager(struct lane *l, int i) {
    static const char *const kept[] = { "email", "firstName", "lastName" };
    char url[300];
    yyjson_doc *was = yyjson_read(accounts[i].json, strlen(accounts[i].json), 0);
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    for (size_t k = 0; k < sizeof kept / sizeof *kept; k++)
        yyjson_mut_obj_add_val(
            doc, root, kept[k],
            yyjson_val_mut_copy(doc, yyjson_obj_get(yyjson_doc_get_root(was), kept[k])));
    yyjson_mut_obj_add_int(doc, root, "managerId", accounts[accounts[i].manager - 1].id);
    char *json = yyjson_mut_write(doc, 0, NULL);
    snprintf(url, sizeof url, "%s/v1/users/%lld", origin, (long long)accounts[i].id);
    call(l, "GET", url, NULL, 200);
    call(l, "PUT", url, json, 200);
    free(json);
    yyjson_mut_doc_free(doc);
    yyjson_doc_free(was);
}

static void *lane_main(void *self) {
    static const char *const kinds[] = { "Content-Type: application/json",
                                         "Accept: application/json", "Expect:" };
    char bearer[600], url[300];
    struct lane *l = calloc(1, sizeof *l);
    (void)self;
    if (l == NULL || (l->easy = curl_easy_init()) == NULL || getenv("ROLLCALL_BENCH_TOKEN") == NULL)
        die("no libcurl, or no ROLLCALL_BENCH_TOKEN");
    snprintf(bearer, sizeof bearer, "Authorization: Bearer %s", getenv("ROLLCALL_BENCH_TOKEN"));
    l->headers = curl_slist_append(NULL, bearer);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        l->headers = curl_slist_append(l->headers, kinds[i]);
    curl_easy_setopt(l->easy, CURLOPT_HTTPHEADER, l->headers);
    curl_easy_setopt(l->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(l->easy, CURLOPT_WRITEDATA, l);
    curl_easy_setopt(l->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(l->easy, CURLOPT_PROXY, "");
    snprintf(url, sizeof url, "%s/v1/users", origin);
    for (int i; (i = next_account++) < accounts_n;) {
        if (!gives_managers)
            accounts[i].id = call(l, "POST", url, accounts[i].json, 201);
        else if (accounts[i].manager > 0)
            give_manager(l, i);
    }
    curl_slist_free_all(l->headers);
    curl_easy_cleanup(l->easy);
    free(l);
    return NULL;
}

int main(int argc, char **argv) {
    pthread_t threads[LANES_MAX];
    if (argc == 2 && strcmp(argv[1], "nothing") == 0)
        return 0;
    int lanes_n = argc == 4 ? atoi(argv[3]) : 0;
    if (lanes_n < 1 || lanes_n > LANES_MAX)
        die("usage: calls ORIGIN FILE LANES");
    origin = argv[1];
    read_accounts(argv[2]);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    double began = now_s();
    for (int pass = 0; pass < 2; pass++) {
        gives_managers = pass == 1;
        next_account = 0;
        for (int i = 0; i < lanes_n; i++)
            if (pthread_create(&threads[i], NULL, lane_main, NULL) != 0)
                die("no thread");
        for (int i = 0; i < lanes_n; i++)
            pthread_join(threads[i], NULL);
    }
    printf("{\"accounts\":%d,\"calls\":%d,\"seconds\":%.3f}\n", accounts_n, (int)calls_n,
           now_s() - began);
    return 0;
}
