import zipfile


def write(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("notebook.ipynb", b"0" * 10**7)
