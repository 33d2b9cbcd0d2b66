"""TIFF, PNG and JPEG for make-files.py, which runs this with its own names."""


def raster_case(name, file, array, pages=1, channels=1):
    """`array`: (pages,) rows, columns (, samples)."""
    array = np.asarray(array)
    if array.dtype == bool:
        array = array.astype('u1') * (255 if file.endswith('.png') else 1)
    stack = array.reshape((pages,) + array.shape[-3 if channels > 1 else -2:])
    ordered = np.moveaxis(stack, -1, 0) if channels > 1 else stack
    add(name, file, ordered, (stack.shape[2], stack.shape[1], pages), channels, np.eye(4))


def tiff(name, data, channels=1, pages=1, big=False, **options):
    file = 'tiff/' + ''.join(c if c.isalnum() else '-' for c in name) + '.tif'
    with tifffile.TiffWriter(path(file), byteorder='>' if big else '<', bigtiff=options.pop('bigtiff', False)) as writer:
        writer.write(data, metadata=None, **options)
    again = tifffile.imread(path(file))
    if options.get('planarconfig') == 'separate':
        again = np.moveaxis(again, 0, -1)
    raster_case(name, file, again, pages, channels)


TIFF_TYPES = DTYPES + ['f2']
for n, (dtype, compression) in enumerate(itertools.product(TIFF_TYPES, [None, 'lzw', 'zlib', 'packbits'])):
    tiff(f'TIFF {dtype} {compression or "plain"}', numbers(dtype, (7, 5), n), big=n % 3 == 1, compression=compression)
for n, (dtype, compression) in enumerate(itertools.product(['u1', 'u2', 'i2', 'u4', 'i4'], ['lzw', 'zlib'])):
    tiff(f'TIFF {dtype} {compression} with differences', numbers(dtype, (7, 5), n), big=n % 2 == 1, compression=compression, predictor=True)
for dtype in ('f2', 'f4', 'f8'):
    tiff(f'TIFF {dtype} zlib with differences', numbers(dtype, (7, 5), 3), compression='zlib', predictor=3)
for dtype in ('u1', 'u2', 'f4'):
    tiff(f'TIFF {dtype} in tiles', numbers(dtype, (40, 37), 3), tile=(16, 16))
    tiff(f'TIFF {dtype} in strips', numbers(dtype, (40, 7), 4), rowsperstrip=16, compression='lzw')
    tiff(f'TIFF RGB {dtype}', numbers(dtype, (7, 5, 3), 5), channels=3, photometric='rgb')
    tiff(f'TIFF RGB {dtype} with differences', numbers(dtype, (7, 5, 3), 5), channels=3, photometric='rgb', compression='lzw', predictor=2 if dtype != 'f4' else 3)
    tiff(f'TIFF RGB {dtype} in planes', np.moveaxis(numbers(dtype, (7, 5, 3), 6), -1, 0), channels=3, photometric='rgb', planarconfig='separate')
    tiff(f'TIFF {dtype} of three pages', numbers(dtype, (3, 7, 5), 7), pages=3, photometric='minisblack')
tiff('TIFF of 64-bit offsets', numbers('i2', (7, 5), 8), bigtiff=True)
tiff('TIFF where 0 is white', numbers('u1', (7, 5), 8), photometric='miniswhite')
tiff('TIFF of large LZW', np.random.default_rng(1).integers(0, 60, (120, 120)).astype('u2'), compression='lzw')
tiff('TIFF of bits', np.random.default_rng(2).integers(0, 2, (7, 13)).astype(bool))
opaque = numbers('u1', (7, 5, 4), 9)
opaque[..., 3] = 255
tifffile.imwrite(path('tiff/rgba.tif'), opaque, photometric='rgb', extrasamples=['unassalpha'], metadata=None)
raster_case('TIFF RGB with opacity that hides nothing', 'tiff/rgba.tif', opaque[..., :3], 1, 3)
tifffile.imwrite(path('tiff/rgba-clear.tif'), numbers('u1', (7, 5, 4), 9), photometric='rgb', extrasamples=['unassalpha'], metadata=None)
add('TIFF with transparent pixels', 'tiff/rgba-clear.tif', refused='some of its pixels are transparent')
tifffile.imwrite(path('tiff/five.tif'), numbers('u1', (7, 5, 5), 9), photometric='minisblack', planarconfig='contig', metadata=None)
add('TIFF of five samples', 'tiff/five.tif', refused='it has 5 samples a pixel')
tifffile.imwrite(path('tiff/cmyk.tif'), numbers('u1', (7, 5, 4), 9), photometric='separated', metadata=None)
add('TIFF of CMYK', 'tiff/cmyk.tif', refused='its pixels are CMYK')
tifffile.imwrite(path('tiff/lab.tif'), numbers('u1', (7, 5, 3), 9), photometric='cielab', metadata=None)
add('TIFF of CIE Lab', 'tiff/lab.tif', refused='its pixels are CIE Lab')
tifffile.imwrite(path('tiff/complex.tif'), np.ones((7, 5), 'c8'), metadata=None)
add('TIFF of complex numbers', 'tiff/complex.tif', refused='complex numbers')
tifffile.imwrite(path('tiff/huge.tif'), np.full((7, 5), 2**60 + 1, 'u8'), metadata=None)
add('TIFF of integers beyond 2^53', 'tiff/huge.tif', refused='cannot be represented exactly')
tifffile.imwrite(path('tiff/twelve.tif'), np.arange(36, dtype='u2').reshape(6, 6), bitspersample=12, metadata=None)
add('TIFF of 12 bits', 'tiff/twelve.tif', refused='integers of 12 bits')
for compression, what in [('zstd', 'Zstandard'), ('lerc', 'LERC')]:
    tifffile.imwrite(path(f'tiff/{compression}.tif'), numbers('u1', (16, 16), 3), compression=compression, metadata=None)
    add(f'TIFF {compression}', f'tiff/{compression}.tif', refused=f'it is a TIFF compressed as {what}')
tifffile.imwrite(path('tiff/hyper.tif'), numbers('u1', (3, 2, 7, 5), 3), imagej=True, metadata={'axes': 'ZCYX'})
add('TIFF of ImageJ with two channels', 'tiff/hyper.tif', refused='channels 2')
with tifffile.TiffWriter(path('tiff/sizes.tif')) as writer:
    writer.write(numbers('u1', (7, 5)), metadata=None)
    writer.write(numbers('u1', (6, 5)), metadata=None)
add('TIFF of pages of two sizes', 'tiff/sizes.tif', refused='its pages 1 and 2 differ')

grey = numbers('u1', (7, 5), 1)
pictures = {
    'L': Image.fromarray(grey),
    '1': Image.fromarray(grey > 99),
    'RGB': Image.fromarray(numbers('u1', (7, 5, 3), 2)),
    'I;16': Image.fromarray(numbers('u2', (7, 5), 3)),
}
for mode, picture in pictures.items():
    picture.save(path(f'png/{mode[0]}{len(mode)}.png'))
    raster_case(f'PNG {mode}', f'png/{mode[0]}{len(mode)}.png', Image.open(path(f'png/{mode[0]}{len(mode)}.png')), 1, 3 if mode == 'RGB' else 1)
for bits in (1, 2, 4, 8):
    picture = Image.fromarray((np.arange(35).reshape(7, 5) % 2**bits).astype('u1'), 'L').convert('P')
    picture.putpalette([int(v) for v in np.random.default_rng(4).integers(0, 256, 3 * 2**bits)])
    picture.putdata([int(v) for v in (np.arange(35) % 2**bits)])
    picture.save(path(f'png/palette{bits}.png'), bits=bits)
    raster_case(f'PNG palette of {bits} bits', f'png/palette{bits}.png', Image.open(path(f'png/palette{bits}.png')))
picture = Image.fromarray(grey)
profile = open(os.path.join(os.path.dirname(pydicom.__file__), 'data/test_files/crayons.icc'), 'rb').read()
picture.save(path('png/profile.png'), icc_profile=profile, gamma=0.3)
raster_case('PNG with a colour profile', 'png/profile.png', Image.open(path('png/profile.png')))
rgba = np.concatenate([numbers('u1', (7, 5, 3), 2), np.full((7, 5, 1), 255, 'u1')], -1)
Image.fromarray(rgba).save(path('png/opaque.png'))
raster_case('PNG with opacity that hides nothing', 'png/opaque.png', Image.open(path('png/opaque.png')).convert('RGB'), 1, 3)
rgba[2, 2, 3] = 7
Image.fromarray(rgba).save(path('png/clear.png'))
add('PNG with transparent pixels', 'png/clear.png', refused='some of its pixels are transparent')


def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


def interlaced(array, colour):
    """Adam7, which Pillow reads and does not write."""
    h, w = array.shape[:2]
    raw = b''
    for x, y, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        part = array[y::dy, x::dx]
        if part.size:
            raw += b''.join(b'\0' + row.astype('>u2' if array.dtype == 'u2' else 'u1').tobytes() for row in part)
    head = struct.pack('>IIBBBBB', w, h, 8 * array.dtype.itemsize, colour, 0, 0, 1)
    return b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', head) + chunk(b'IDAT', zlib.compress(raw)) + chunk(b'IEND', b'')


for name, array, colour in [('grey', numbers('u1', (11, 9), 3), 0), ('16 bits', numbers('u2', (11, 9), 3), 0), ('RGB', numbers('u1', (11, 9, 3), 3), 2)]:
    file = f'png/interlaced-{name[:2]}.png'
    open(path(file), 'wb').write(interlaced(array, colour))
    raster_case(f'PNG interlaced {name}', file, Image.open(path(file)), 1, 3 if colour == 2 else 1)
# Any bytes are a picture under any of the five filters.
for name, samples, depth, colour in [('grey', 1, 8, 0), ('RGB', 3, 8, 2), ('16 bits', 1, 16, 0)]:
    random = np.random.default_rng(len(name))
    raw = b''.join(bytes([row % 5]) + random.bytes(9 * samples * depth // 8) for row in range(12))
    head = struct.pack('>IIBBBBB', 9, 12, depth, colour, 0, 0, 0)
    file = f'png/filters-{name[:2]}.png'
    open(path(file), 'wb').write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', head) + chunk(b'IDAT', zlib.compress(raw)) + chunk(b'IEND', b''))
    raster_case(f'PNG of all filters {name}', file, Image.open(path(file)), 1, samples)
for name, picture in [('grey', Image.fromarray(smooth)), ('RGB', Image.fromarray(np.stack([smooth, smooth[::-1], 255 - smooth], -1)))]:
    picture.save(path(f'jpeg/{name}.jpg'), quality=95, subsampling=0, **({'icc_profile': profile} if name == 'RGB' else {}))
    raster_case(f'JPEG {name}', f'jpeg/{name}.jpg', Image.open(path(f'jpeg/{name}.jpg')), 1, 3 if name == 'RGB' else 1)
tifffile.imwrite(path('tiff/jpeg.tif'), smooth, compression='jpeg', metadata=None)
raster_case('TIFF packed as JPEG', 'tiff/jpeg.tif', tifffile.imread(path('tiff/jpeg.tif')))
Image.fromarray(numbers('u1', (16, 16, 4), 2), 'CMYK').save(path('jpeg/cmyk.jpg'))
add('JPEG of CMYK', 'jpeg/cmyk.jpg', refused='4 samples')
