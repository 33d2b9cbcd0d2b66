"""Makes files.json.gz: small image files of many kinds, and what independent readers read from them.

    python3 -m venv venv && venv/bin/pip install nibabel pydicom tifffile Pillow numpy imagecodecs
    venv/bin/python test/imgmed/oracle/make-files.py

Values come from nibabel, pydicom, tifffile, Pillow or imagecodecs reading the file again, and from numpy for the files
that are written here byte by byte (NRRD, MetaImage). Order: i fastest, then j, k, channels. Places are LPS millimetres.
"""
import base64, gzip, io, itertools, json, math, os, struct, tempfile, warnings, zlib

import imagecodecs, nibabel as nib, numpy as np, pydicom, tifffile
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels import apply_rescale
from pydicom.uid import UID

warnings.simplefilter('ignore')
HERE = os.path.dirname(os.path.abspath(__file__))
TMP = tempfile.mkdtemp()
CASES = []
RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
DTYPES = ['u1', 'i1', 'u2', 'i2', 'u4', 'i4', 'u8', 'i8', 'f4', 'f8']


def number(value):
    value = value.item() if hasattr(value, 'item') else value
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return int(value) if float(value).is_integer() else value


def add(name, read, values=None, size=None, channels=1, affine=None, refused=None, files=None, notes=False):
    """`values` in reading order; `affine` 4 × 4 from indices to LPS."""
    files = files or [read]
    held = {f: base64.b64encode(open(os.path.join(TMP, f), 'rb').read()).decode() for f in files}
    case = {'name': name, 'files': held, 'read': read}
    if refused is not None:
        case['refused'] = refused
    else:
        case['want'] = {'size': [int(n) for n in size], 'channels': int(channels), 'values': [number(v) for v in np.asarray(values).ravel()]}
        if affine is not None:
            case['want']['affine'] = [[round(float(v), 9) for v in row] for row in np.asarray(affine)[:3]]
        if notes:
            case['want']['notes'] = True
    CASES.append(case)


def path(name):
    full = os.path.join(TMP, name)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    return full


def numbers(dtype, shape, seed=0):
    """Both ends of a type's range, and some between."""
    random = np.random.default_rng(seed)
    dtype = np.dtype(dtype)
    count = int(np.prod(shape))
    if dtype.kind == 'f':
        values = np.concatenate([[0, -1024.5, 3000.25, 1e-3], random.normal(0, 100, count)])[:count]
    else:
        info = np.iinfo(dtype)
        low, high = (info.min, info.max) if dtype.itemsize < 8 else (-(2**50) if dtype.kind == 'i' else 0, 2**50)
        values = np.concatenate([np.array([0, 1, low, high, high - 5], dtype), random.integers(low, high, count, dtype)])[:count]
    return values.astype(dtype).reshape(shape)


# NIfTI ------------------------------------------------------------------------------------------------------------
def rotated():
    a, b = math.radians(20), math.radians(-35)
    x = np.array([[1, 0, 0], [0, math.cos(a), -math.sin(a)], [0, math.sin(a), math.cos(a)]])
    z = np.array([[math.cos(b), -math.sin(b), 0], [math.sin(b), math.cos(b), 0], [0, 0, 1]])
    m = np.eye(4)
    m[:3, :3] = x @ z @ np.diag([0.9, 1.1, 3])
    m[:3, 3] = [12.5, -34.25, 56]
    return m


AFFINES = {
    'axial': np.array([[-1.5, 0, 0, 10], [0, 2.5, 0, -20], [0, 0, 4, 5], [0, 0, 0, 1]], float),
    'oblique': rotated(),
    'mirrored': rotated() @ np.diag([1, 1, -1, 1]),
}


def nifti_case(name, image, file, notes=False, unit=None):
    if unit:
        image.header.set_xyzt_units(unit)
    nib.save(image, path(file))
    again = nib.load(path(file))
    data = np.asanyarray(again.dataobj)
    if data.dtype.fields:
        data = np.stack([data[field] for field in data.dtype.names], -1)
    shape = (list(data.shape) + [1, 1, 1])[:3] if data.ndim < 4 else list(data.shape[:3])
    channels = data.size // int(np.prod(shape))
    affine = RAS @ again.affine
    if unit == 'micron':
        affine = affine.copy()
        affine[:3] /= 1000
    files = [file] if '.hdr' not in file else [file, file.replace('.hdr', '.img')]
    add(name, file, data.flatten(order='F'), shape, channels, affine, notes=notes, files=files)


def nifti(klass, data, sform=None, qform=None, scale=None, big=False, sheared=None):
    header = (nib.Nifti2Header if klass == 2 else nib.Nifti1Header)(endianness='>' if big else '<')
    header.set_data_dtype(data.dtype)
    image = (nib.Nifti2Image if klass == 2 else nib.Nifti1Image)(data, None, header)
    image.set_qform(qform, 1 if qform is not None else 0)
    image.set_sform(sform, 1 if sform is not None else 0)
    if scale:
        image.header.set_slope_inter(*scale)
    return image


def save_scaled(image, file, slope, inter):
    """The stored numbers stay, the header says how they are scaled."""
    nib.save(image, path(file))
    bytes_ = bytearray(open(path(file), 'rb').read())
    second = struct.unpack_from('<i', bytes_)[0] == 540
    struct.pack_into('<2d' if second else '<2f', bytes_, 176 if second else 112, slope, inter)
    open(path(file), 'wb').write(bytes_)
    return nib.load(path(file))


for n, (dtype, place) in enumerate(itertools.product(DTYPES, ['sform', 'qform', 'both', 'mirrored', 'neither', 'other'])):
    data = numbers(dtype, (4, 3, 2), n)
    affine = AFFINES[['axial', 'oblique', 'mirrored'][n % 3]]
    kinds = {
        'sform': dict(sform=affine),
        'qform': dict(qform=affine),
        'both': dict(sform=affine, qform=affine),
        'mirrored': dict(sform=AFFINES['mirrored'], qform=AFFINES['mirrored']),
        'neither': dict(),
        'other': dict(sform=affine, qform=AFFINES['axial'] @ np.diag([2, 1, 1, 1])),
    }
    image = nifti(1 + n % 2, data, big=n % 4 > 1, **kinds[place])
    if place in ('sform', 'both', 'mirrored', 'qform'):
        used = AFFINES['mirrored'] if place == 'mirrored' else affine
        image.header['pixdim'][1:4] = np.linalg.norm(used[:3, :3], axis=0)
    nifti_case(f'NIfTI {dtype} {place}', image, f'nifti/{dtype}-{place}.nii' + ('.gz' if n % 3 == 0 else ''), notes=place in ('neither', 'other'))
for n, (dtype, (slope, inter)) in enumerate(itertools.product(['u1', 'i1', 'u2', 'i2', 'i4', 'f4', 'f8'], [(0.5, -3), (2, -1024), (0.0039215688593685627, 0)])):
    image = nifti(1 + n % 2, numbers(dtype, (4, 3, 2), n), sform=AFFINES['axial'])
    image.header['pixdim'][1:4] = [1.5, 2.5, 4]
    file = f'nifti/{dtype}-scaled{n}.nii'
    again = save_scaled(image, file, slope, inter)
    add(f'NIfTI {dtype} scaled by {slope} and {inter}', file, np.asanyarray(again.dataobj).flatten(order='F'), (4, 3, 2), 1, RAS @ again.affine)
for shape in [(5,), (4, 3), (4, 3, 2, 3), (4, 3, 2, 1), (4, 3, 2, 1, 3), (3, 2, 2, 2, 2)]:
    nifti_case(f'NIfTI of shape {shape}', nifti(1, numbers('i2', shape, 5), sform=AFFINES['axial']), f'nifti/shape-{len(shape)}-{shape[-1]}.nii', notes=True)
rgb = np.zeros((4, 3, 2), [('R', 'u1'), ('G', 'u1'), ('B', 'u1')])
for channel in 'RGB':
    rgb[channel] = numbers('u1', (4, 3, 2), ord(channel))
nifti_case('NIfTI RGB24', nifti(1, rgb, sform=AFFINES['axial']), 'nifti/rgb.nii', notes=True)
pair = nib.Nifti1Pair(numbers('i2', (4, 3, 2), 8), AFFINES['oblique'])
pair.set_qform(AFFINES['oblique'], 1), pair.set_sform(AFFINES['oblique'], 1)
nifti_case('NIfTI pair of .hdr and .img', pair, 'nifti/pair.hdr')
slight = AFFINES['axial'].copy()
slight[0, 1] = 0.0015 * 2.5
image = nifti(1, numbers('i2', (4, 3, 2), 9), sform=slight)
image.header['pixdim'][1:4] = [1.5, 2.5, 4]
nifti_case('NIfTI sheared by 0.15 %', image, 'nifti/slight.nii')
image = nifti(1, numbers('i2', (4, 3, 2), 9), sform=AFFINES['axial'])
image.header['pixdim'][1:4] = [1.5, 2.5, 4]
nifti_case('NIfTI in micrometres', image, 'nifti/micron.nii', unit='micron')
for name, value in [('0', 0), ('NaN', math.nan), ('1', 1)]:
    image = nifti(1, numbers('i2', (4, 3, 2), 9), sform=AFFINES['axial'])
    nib.save(image, path(f'nifti/pixdim-{name}.nii'))
    b = bytearray(open(path(f'nifti/pixdim-{name}.nii'), 'rb').read())
    struct.pack_into('<3f', b, 80, value, value, value)
    open(path(f'nifti/pixdim-{name}.nii'), 'wb').write(b)
    again = nib.load(path(f'nifti/pixdim-{name}.nii'))
    add(f'NIfTI with pixdim {name} and an sform', f'nifti/pixdim-{name}.nii', np.asanyarray(again.dataobj).flatten(order='F'), (4, 3, 2), 1, RAS @ again.affine, notes=True)
for what, matrix in [('sheared by 20°', np.array([[1, 0.36, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]]))]:
    nib.save(nifti(1, numbers('i2', (4, 3, 2)), sform=matrix), path('nifti/shear.nii'))
    add(f'NIfTI {what}', 'nifti/shear.nii', refused='its axes are sheared by')
for dtype, what in [('c8', 'complex numbers'), ('c16', 'complex numbers')]:
    nib.save(nifti(1, np.ones((4, 3, 2), dtype), sform=AFFINES['axial']), path(f'nifti/{dtype}.nii'))
    add(f'NIfTI {dtype}', f'nifti/{dtype}.nii', refused=f'its voxels are {what}')
nib.save(nifti(1, np.full((4, 3, 2), 2**60 + 1, 'i8'), sform=AFFINES['axial']), path('nifti/huge.nii'))
add('NIfTI of integers beyond 2^53', 'nifti/huge.nii', refused='cannot be represented exactly')
nib.save(nib.AnalyzeImage(numbers('i2', (4, 3, 2)), np.eye(4)), path('nifti/analyze.hdr'))
add('ANALYZE', 'nifti/analyze.hdr', refused='it is ANALYZE 7.5', files=['nifti/analyze.hdr', 'nifti/analyze.img'])

# NRRD and MetaImage, written here ---------------------------------------------------------------------------------
NRRD = dict(u1='uchar', i1='signed char', u2='ushort', i2='short', u4='uint', i4='int', u8='uint64', i8='int64', f4='float', f8='double')
META = dict(u1='MET_UCHAR', i1='MET_CHAR', u2='MET_USHORT', i2='MET_SHORT', u4='MET_UINT', i4='MET_INT', f4='MET_FLOAT', f8='MET_DOUBLE')
LPS = RAS @ AFFINES['oblique']
for n, (dtype, encoding, big) in enumerate(itertools.product(DTYPES, ['raw', 'gzip'], [False, True])):
    data = numbers(dtype, (2, 3, 4), 100 + n)
    raw = data.astype(('>' if big else '<') + dtype).tobytes()
    vectors = ' '.join('(' + ','.join(repr(float(v)) for v in LPS[:3, axis]) + ')' for axis in range(3))
    header = f'NRRD0004\ntype: {NRRD[dtype]}\ndimension: 3\nspace: left-posterior-superior\nsizes: 4 3 2\nspace directions: {vectors}\nkinds: domain domain domain\nendian: {"big" if big else "little"}\nencoding: {encoding}\nspace origin: ({LPS[0, 3]},{LPS[1, 3]},{LPS[2, 3]})\n\n'
    file = f'nrrd/{dtype}-{encoding}-{big}.nrrd'
    open(path(file), 'wb').write(header.encode() + (raw if encoding == 'raw' else gzip.compress(raw)))
    add(f'NRRD {dtype} {encoding} {"big" if big else "little"}', file, data, (4, 3, 2), 1, LPS)
    if dtype in META:
        spacing = np.linalg.norm(LPS[:3, :3], axis=0)
        matrix = (LPS[:3, :3] / spacing).T.ravel()
        packed = raw if encoding == 'raw' else zlib.compress(raw)
        lines = ['ObjectType = Image', 'NDims = 3', 'BinaryData = True', f'BinaryDataByteOrderMSB = {big}', f'CompressedData = {encoding != "raw"}']
        lines += [f'CompressedDataSize = {len(packed)}'] if encoding != 'raw' else []
        lines += ['TransformMatrix = ' + ' '.join(repr(float(v)) for v in matrix), 'Offset = ' + ' '.join(repr(float(v)) for v in LPS[:3, 3]), 'ElementSpacing = ' + ' '.join(repr(float(v)) for v in spacing), 'DimSize = 4 3 2', f'ElementType = {META[dtype]}']
        detached = n % 2 == 1
        stem = f'meta/{dtype}-{encoding}-{big}'
        end = f'ElementDataFile = {os.path.basename(stem)}.raw\n' if detached else 'ElementDataFile = LOCAL\n'
        text = ('\n'.join(lines) + '\n' + end).encode()
        file = stem + ('.mhd' if detached else '.mha')
        open(path(file), 'wb').write(text if detached else text + packed)
        if detached:
            open(path(stem + '.raw'), 'wb').write(packed)
        add(f'MetaImage {dtype} {encoding} {"big" if big else "little"}', file, data, (4, 3, 2), 1, LPS, files=[file, stem + '.raw'] if detached else [file])

import bz2
header = 'NRRD0004\ntype: short\ndimension: 3\nsizes: 4 3 2\nendian: little\nencoding: bzip2\n\n'
open(path('nrrd/bz2.nrrd'), 'wb').write(header.encode() + bz2.compress(numbers('i2', (2, 3, 4)).tobytes()))
add('NRRD packed with bzip2', 'nrrd/bz2.nrrd', refused='its voxels are packed as bzip2')
open(path('meta/alone.mhd'), 'w').write('ObjectType = Image\nNDims = 3\nDimSize = 6 5 4\nElementType = MET_SHORT\nElementDataFile = alone.raw\n')
add('MetaImage without its voxels', 'meta/alone.mhd', refused='alone.raw, which does not exist')
exec(open(os.path.join(HERE, 'dicom_files.py')).read())
exec(open(os.path.join(HERE, 'raster_files.py')).read())
exec(open(os.path.join(HERE, 'vendor_files.py')).read())

with gzip.GzipFile(os.path.join(HERE, 'files.json.gz'), 'wb', mtime=0) as out:
    out.write(json.dumps({'madeBy': {m.__name__: m.__version__ for m in (nib, pydicom, tifffile, imagecodecs, np)}, 'cases': CASES}, separators=(',', ':')).encode())
print(len(CASES), 'cases,', os.path.getsize(os.path.join(HERE, 'files.json.gz')), 'bytes')
