"""Somebody who listens for webhooks, for the tests beside this file: answers as told and remembers what came."""
import http.server
import json
import threading
import time


class Listener:
    """answers: statuses in turn, the last one stays; ('late', s) is 200 after so many seconds; a function is given the body."""
    def __init__(self, *answers):
        self.answers, self.came, self.changed = list(answers or (200,)), [], threading.Condition()
        listener = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
                with listener.changed:
                    listener.came.append((self.path, dict(self.headers.items()), body))
                    what = listener.answers.pop(0) if len(listener.answers) > 1 else listener.answers[0]
                    listener.changed.notify_all()
                if callable(what):
                    what = what(body)
                if isinstance(what, tuple):
                    time.sleep(what[1])
                    what = 200
                self.send_response(what)
                if 300 <= what < 400:
                    self.send_header('Location', listener.url + '/elsewhere')
                self.send_header('Content-Length', '0')
                try:
                    self.end_headers()
                except OSError:
                    pass

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        self.url = f'http://127.0.0.1:{self.server.server_address[1]}'
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def wait(self, n, seconds=10):
        """The first n that came."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.came) >= n, seconds), (n, self.came)
            return self.came[:n]

    def quiet(self, n, seconds=0.4):
        """Nothing comes behind the first n."""
        with self.changed:
            assert not self.changed.wait_for(lambda: len(self.came) > n, seconds), self.came[n:]
            assert len(self.came) == n, (n, self.came)

    def events(self):
        return [(e['event_name'], e['payload']) for e in (json.loads(body) for _, _, body in self.came)]

    def names(self):
        return sorted(name for name, _ in self.events())
