"""One pyftpdlib server for the tests: a single user, one folder, and handler attributes given as NAME=VALUE."""
import argparse
import ast
import logging
import os
import pwd
import warnings

warnings.filterwarnings('ignore')  # asyncore is deprecated, and pyftpdlib 1.5.7 says so at every start

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer

arguments = argparse.ArgumentParser()
arguments.add_argument('--host', required=True)
arguments.add_argument('--port', required=True, type=int)
arguments.add_argument('--root', required=True)
arguments.add_argument('--user', required=True)
arguments.add_argument('--password', required=True)
arguments.add_argument('--max-clients', type=int, default=0)
arguments.add_argument('--idle-timeout', type=int, default=0)
arguments.add_argument('settings', nargs='*', help='attribute of the FTPHandler class and a Python literal')
options = arguments.parse_args()

logging.basicConfig(level=logging.WARNING)
os.umask(0o022)

authorizer = DummyAuthorizer()
authorizer.add_user(options.user, options.password, options.root, perm='elradfmwMT')


class Handler(FTPHandler):
    pass


Handler.authorizer = authorizer
Handler.timeout = options.idle_timeout
Handler.auth_failed_timeout = 0
for setting in options.settings:
    name, value = setting.split('=', 1)
    if not hasattr(Handler, name):
        arguments.error(f'FTPHandler has no attribute {name}')
    setattr(Handler, name, ast.literal_eval(value))

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
