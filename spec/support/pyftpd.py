"""One pyftpdlib server for the tests: a single user, one folder, and handler attributes given as NAME=VALUE."""
import argparse
import ast
import logging
import os
import pwd
import warnings

warnings.filterwarnings('ignore')  # asyncore is deprecated, and pyftpdlib 1.5.7 says so at every start

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
from pyftpdlib.servers import FTPServer

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', required=True)
arguments.add_argument('--port', required=True, type=int)
arguments.add_argument('--root', required=True)
arguments.add_argument('--user', required=True)
arguments.add_argument('--password', required=True)
arguments.add_argument('--max-clients', type=int, default=0)
arguments.add_argument('--idle-timeout', type=int, default=0)
arguments.add_argument('--tls', help='file of key and certificates')
arguments.add_argument('--implicit', action='store_true')
arguments.add_argument('--client-ca', help='file of the authority whose certificates clients must show')
arguments.add_argument('settings', nargs='*', help='attribute of the FTPHandler class and a Python literal')
options = arguments.parse_args()

logging.basicConfig(level=logging.WARNING)
os.umask(0o022)

authorizer = DummyAuthorizer()
authorizer.add_user(options.user, options.password, options.root, perm='elradfmwMT')


class Handler(TLS_FTPHandler if options.tls else FTPHandler):
    def handle(self):
        if options.implicit:
            self.secure_connection(self.ssl_context)
        super().handle()


Handler.authorizer = authorizer
Handler.timeout = options.idle_timeout
Handler.auth_failed_timeout = 0
for setting in options.settings:
    name, value = setting.split('=', 1)
    if not hasattr(Handler, name):
        arguments.error(f'FTPHandler has no attribute {name}')
    setattr(Handler, name, ast.literal_eval(value))

if options.tls:
    Handler.certfile = options.tls
    context = Handler.get_ssl_context()
    if options.client_ca:
        from OpenSSL import SSL

        context.load_verify_locations(options.client_ca)
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT)

server = FTPServer((options.host, options.port), Handler)
server.max_cons = 100000
server.max_cons_per_ip = options.max_clients
if os.getuid() == 0:
    account = pwd.getpwnam(options.user)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
# Without a limit the loop of pyftpdlib 1.5.7 sleeps for good when a timer is due at this very moment.
server.serve_forever(timeout=0.1)
