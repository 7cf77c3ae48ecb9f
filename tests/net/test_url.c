#include "tests/check.h"
#include "base/cleanup.h"
#include "net/client.h"

static void an_origin_is_scheme_host_and_an_unusual_port(void **state) {
    static const struct {
        const char *url, *origin;
    } rows[] = {
        { "https://API.Personio.de/v1/x?y#z", "https://api.personio.de" },
        { "HTTPS://api.personio.de", "https://api.personio.de" },
        { "https://api.personio.de:443/", "https://api.personio.de" },
        { "https://api.personio.de:8443/", "https://api.personio.de:8443" },
        { "http://127.0.0.1:80/", "http://127.0.0.1" },
        { "http://127.1:9000/", "http://127.0.0.1:9000" },
        { "http://[::1]:9000/x", "http://[::1]:9000" },
        { "https://a.example?q", "https://a.example" },
        { "https://a.example#https://b.example/", "https://a.example" },
        { "https://a.example/@b.example/", "https://a.example" },
        { "https://a.example@b.example/", NULL }, /* credentials */
        { "https://a.example:pw@b.example/", NULL },
        { "https://", NULL },
        { "https:///x", NULL },
        { "https:/x", NULL },
        { "https://a.example\\@b.example/", NULL },
        { "//a.example/x", NULL },
        { "/v2/persons?cursor=x", NULL },
        { "a.example", NULL },
        { "gopher://a.example/", NULL },
        { "https://a.example:99999/", NULL },
        { "https://a.example:x/", NULL },
        { "https://a .example/", NULL },
        { "https://a.example/\n", NULL },
        { "", NULL },
    };
    (void)state;
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        char origin[300] = "untouched";
        struct rc_error err;
        enum rc_code code = http_origin(rows[i].url, origin, &err);
        assert_int_equal(code, rows[i].origin != NULL ? RC_OK : RC_INVALID);
        assert_string_equal(origin, rows[i].origin != NULL ? rows[i].origin : "untouched");
        if (code != RC_OK)
            assert_string_equal(err.name, "http.url");
    }
}

static void what_would_not_be_asked_is_told_beforehand(void **state) {
    static const struct {
        const char *url, *name; /* NULL: it would be asked */
    } rows[] = {
        { "https://api.personio.de", NULL },
        { "http://127.0.0.1:8085", NULL },
        { "http://127.1.2.3/x", NULL },
        { "http://localhost:8085/", NULL },
        { "http://[::1]:8085/", NULL },
        { "http://api.personio.de", "http.plain" },
        { "HTTP://api.personio.de/", "http.plain" },
        { "http://192.168.0.1/", "http.plain" },
        { "http://[::2]/", "http.plain" },
        { "http://127.example.org/", "http.plain" },
        { "http://localhost.example.org/", "http.plain" },
        { "ftp://127.0.0.1/", "http.url" },
        { "api.personio.de", "http.url" },
        { "https://user:pass@api.personio.de/", "http.url" },
        { "", "http.url" },
    };
    (void)state;
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        struct rc_error err = { 0 };
        enum rc_code code = http_url_check(rows[i].url, &err);
        assert_int_equal(code, rows[i].name == NULL ? RC_OK : RC_INVALID);
        if (rows[i].name != NULL)
            assert_string_equal(err.name, rows[i].name);
    }
}

static void a_host_longer_than_names_can_be_is_refused(void **state) {
    char url[400] = "https://", origin[300];
    (void)state;
    memset(url + 8, 'a', 300);
    strcpy(url + 308, "/");
    assert_int_equal(http_origin(url, origin, NULL), RC_INVALID);
}

static void all_but_unreserved_bytes_are_escaped(void **state) {
    struct buf b;
    (void)state;
    buf_init(&b, 60);
    assert_true(http_escape(&b, "aZ09-._~ /?&=+%\0\xc3\xa4", 18));
    assert_string_equal(b.ptr, "aZ09-._~%20%2F%3F%26%3D%2B%25%00%C3%A4");
    assert_true(http_escape(&b, "", 0));
    assert_false(http_escape(&b, "??????????????????", 18));
    assert_true(b.full);
    buf_done(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_origin_is_scheme_host_and_an_unusual_port),
        cmocka_unit_test(what_would_not_be_asked_is_told_beforehand),
        cmocka_unit_test(a_host_longer_than_names_can_be_is_refused),
        cmocka_unit_test(all_but_unreserved_bytes_are_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
