"""The same task in other engines, each written as its documentation teaches. They run as processes of their own and
are told where to read and write by the environment: BENCHMARK_BOOTSTRAP, _INPUT, _OUTPUT, _GROUP, _FOLDER.
"""
