def write(path):
    path.write_text('{"cells": [' + ",".join(['{"cell_type":"code","source":""}'] * 10**6) + '], "nbformat": 4}')
