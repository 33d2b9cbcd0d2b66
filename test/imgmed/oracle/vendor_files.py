"""Quirks of vendors and programs for make-files.py, which runs this with its own names."""
SOME = lambda dtype='u2', seed=11: numbers(dtype, (5, 4), seed)


def series_of(name, datasets, order, dz=2.0, refused=None, first=(-10, -20, 0), ext='.dcm'):
    folder = 'dicom/' + ''.join(c if c.isalnum() else '-' for c in name)
    files = [save(ds, f'{folder}/{n:03d}{ext}') for n, ds in enumerate(datasets)]
    if refused:
        return add(name, folder, refused=refused, files=files)
    arrays = [read_pixels(f) for f in files]
    array = arrays[0]
    add(name, folder, in_order([arrays[k] for k in order]), (array.shape[1], array.shape[0], len(order)), array.shape[2] if array.ndim == 3 else 1, grid(first, dz=dz), files=files)


# DICOM ------------------------------------------------------------------------------------------------------------
siemens = dicom(spread('u2', 12, (5, 4), 1), stored=12, syntax='implicit')
block = siemens.private_block(0x0029, 'SIEMENS CSA HEADER', create=True)
block.add_new(0x10, 'OB', b'SV10\x04\x03\x02\x01' + bytes(range(120)))
single('DICOM of Siemens with a CSA header', siemens)
ge = dicom(spread('i2', None, (5, 4), 2), RescaleSlope='1', RescaleIntercept='-1024', RescaleType='HU')
ge.add_new(0x00280120, 'SS', -2000)
single('DICOM of GE with padding values', ge)
philips = dicom(spread('u2', 12, (5, 4), 3), stored=12, RescaleSlope='4.17411477411477', RescaleIntercept='0.0', RescaleType='normalized')
block = philips.private_block(0x2005, 'Philips MR Imaging DD 001', create=True)
block.add_new(0x0E, 'FL', 0.0123)
single('DICOM of Philips with a private scale', philips)
single('DICOM with spaces around its slope', dicom(SOME(), RescaleSlope=' 2.50 ', RescaleIntercept=' -10'))
single('DICOM with an exponent in its slope', dicom(SOME(), RescaleSlope='1.25E-2', RescaleIntercept='0'))
overlaid = spread('u2', 12, (5, 4), 4)
overlay = dicom(overlaid | ((np.arange(20).reshape(5, 4) % 2) << 12).astype('u2'), stored=12)
overlay.add_new(0x60000010, 'US', 5), overlay.add_new(0x60000011, 'US', 4), overlay.add_new(0x60000040, 'CS', 'G')
overlay.add_new(0x60000050, 'SS', [1, 1]), overlay.add_new(0x60000100, 'US', 16), overlay.add_new(0x60000102, 'US', 12)
single('DICOM with an overlay in its high bits', overlay, overlaid)
short = spread('i2', 12, (5, 4), 5)
unsigned = (short.view('u2') & 0x0FFF).astype('u2')
ds = dicom(unsigned, stored=12)
ds.PixelRepresentation = 1
single('DICOM of signed 12 bits without their sign above', ds, short)
left = dicom((spread('u2', 12, (5, 4), 6) << 4).astype('u2'), stored=12)
left.HighBit = 15
save(left, 'dicom/left.dcm')
for bits in (10, 14):
    single(f'DICOM of {bits} bits', dicom(spread('u2', bits, (5, 4), bits), stored=bits))
odd = dicom(numbers('u1', (5, 3), 3))
single('DICOM of an odd number of bytes', odd)
extra = dicom(SOME())
extra.PixelData += b'\1\2\3\4'
file = save(extra, 'dicom/trailing.dcm')
add('DICOM with bytes after its pixels', file, in_order([apply_rescale(SOME(), extra)]), (4, 5, 1), 1, grid())
doubles = dicom(SOME())
del doubles.PixelData
doubles.BitsAllocated = 64
doubles.DoubleFloatPixelData = numbers('f8', (5, 4), 4).tobytes()
for tag in ('BitsStored', 'HighBit', 'PixelRepresentation'):
    del doubles[tag]
single('DICOM of doubles', doubles)
cr = dicom(SOME(), position=False, photometric='MONOCHROME1', Modality='CR')
del cr.PixelSpacing
cr.ImagerPixelSpacing, cr.SliceThickness = [0.2, 0.15], None
file = save(cr, 'dicom/cr.dcm')
m = np.diag([0.15, 0.2, 1, 1])
add('DICOM radiograph with the spacing of its detector', file, in_order([read_pixels(file)]), (4, 5, 1), 1, m)
bare = dicom(SOME())
saved = path('dicom/bare.dcm')
plainset = pydicom.dataset.Dataset(bare)
with pydicom.filebase.DicomBytesIO() as buffer:
    buffer.is_little_endian, buffer.is_implicit_VR = True, True
    pydicom.filewriter.write_dataset(buffer, plainset)
    content = buffer.getvalue()
open(saved, 'wb').write(content)
add('DICOM without its preamble', 'dicom/bare.dcm', in_order([SOME()]), (4, 5, 1), 1, grid())
jitter = [(1, 1e-5 * k, 0, -1e-5 * k, 1, 0) for k in range(3)]
sets = [dicom(spread('u2', 12, (5, 4), 20 + k), 2.0 * k, k + 1, stored=12, iop=jitter[k]) for k in range(3)]
series_of('DICOM series with angles that jitter', sets, [0, 1, 2])
sets = [dicom(spread('u2', 12, (5, 4), 30 + k), 2.0 * k, k + 1, stored=12) for k in range(3)]
for ds in sets:
    del ds.InstanceNumber
series_of('DICOM series without instance numbers', sets[::-1], [2, 1, 0])
sets = [dicom(spread('u2', None, (5, 4), 40 + k), 2.0 * k, k + 1, syntax=syntax) for k, syntax in enumerate(['explicit', 'RLE', 'implicit'])]
series_of('DICOM series of mixed transfer syntaxes', sets, [0, 1, 2])
sets = [dicom(spread('u2', 12, (5, 4), 50 + k), 2.0 * k, k + 1, stored=12) for k in range(3)]
series_of('DICOM series without endings', sets, [0, 1, 2], ext='')
series_of('DICOM series of IMA', [dicom(spread('u2', 12, (5, 4), 50 + k), -1.25 * k, k + 1, stored=12) for k in range(3)], [2, 1, 0], dz=1.25, first=(-10, -20, -2.5), ext='.IMA')
series_of('DICOM series of thick slices that overlap', [dicom(spread('u2', 12, (5, 4), 60 + k), 1.0 * k, k + 1, stored=12, SliceThickness=5.0, SpacingBetweenSlices=5.0) for k in range(3)], [0, 1, 2], dz=1.0)
series_of('DICOM series of signed and unsigned slices', [dicom(SOME(['u2', 'i2', 'u2'][k], k), 2.0 * k, k + 1) for k in range(3)], [], refused='numbers of different types')
series_of('DICOM series of 8 and 16 bits', [dicom(SOME(['u1', 'u2', 'u2'][k], k), 2.0 * k, k + 1) for k in range(3)], [], refused='numbers of different types')
series_of('DICOM series of two acquisitions', [dicom(SOME('u2', k), 2.0 * (k % 2), k + 1, AcquisitionNumber=1 + k // 2) for k in range(4)], [], refused='4 slices at 2 places')
series_of('DICOM series of two echoes', [dicom(SOME('u2', k), 2.0 * (k % 2), k + 1, EchoTime=float(10 + 20 * (k // 2))) for k in range(4)], [], refused='EchoTime')
series_of('DICOM series of two series', [dicom(SOME('u2', k), 2.0 * k, k + 1, SeriesInstanceUID=f'{UID_ROOT}.{7 + k}') for k in range(2)], [], refused='2 series')
series_of('DICOM series of grey and colour', [dicom(numbers('u1', (5, 4, 3) if k else (5, 4), k), 2.0 * k, k + 1) for k in range(2)], [], refused='have 4 × 5 and 4 × 5 × 3 pixels')
series_of('DICOM series of white 0 and black 0', [dicom(SOME('u2', k), 2.0 * k, k + 1, photometric='MONOCHROME1' if k else None) for k in range(2)], [], refused='MONOCHROME2 and MONOCHROME1')
for name, offsets, order in [('RTDOSE', [0, 2, 4], [0, 1, 2]), ('RTDOSE from above', [0, -2, -4], [2, 1, 0])]:
    ds = dicom(SOME('u4'))
    pixels = np.random.default_rng(5).integers(0, 2**32 - 1, (3, 5, 4)).astype('u4')
    ds.Modality, ds.NumberOfFrames, ds.PixelData = 'RTDOSE', 3, pixels.tobytes()
    ds.GridFrameOffsetVector, ds.DoseGridScaling, ds.DoseUnits = offsets, 1e-7, 'GY'
    ds.FrameIncrementPointer = 0x3004000C
    file = save(ds, f'dicom/{name.replace(" ", "-")}.dcm')
    array = pydicom.dcmread(path(file)).pixel_array * 1e-7
    add(f'DICOM {name}', file, in_order([array[k] for k in order]), (4, 5, 3), 1, grid((-10, -20, min(offsets))))
bits = dicom(np.zeros((5, 8), 'u1'))
bits.BitsAllocated = bits.BitsStored = 1
bits.HighBit = 0
pattern = np.random.default_rng(9).integers(0, 2, (5, 8)).astype('u1')
bits.PixelData = np.packbits(pattern, bitorder='little').tobytes() + b'\0'
file = save(bits, 'dicom/bits.dcm')
add('DICOM of single bits', file, in_order([pydicom.dcmread(path(file)).pixel_array]), (8, 5, 1), 1, grid())
fragments = dicom(spread('u1', None, (16, 12), 3), syntax='JPEG-LS')
coded = imagecodecs.jpegls_encode(spread('u1', None, (16, 12), 3))
fragments.PixelData = encapsulate([coded], fragments_per_frame=2)
single('DICOM of two fragments', fragments, spread('u1', None, (16, 12), 3))
lossy = dicom(smooth, syntax='JPEG 2000')
lossy.file_meta.TransferSyntaxUID = UID('1.2.840.10008.1.2.4.91')
coded = imagecodecs.jpeg2k_encode(smooth, codecformat='j2k', level=40, reversible=False)
lossy.PixelData = encapsulate([coded])
single('DICOM JPEG 2000 with loss', lossy, imagecodecs.jpeg2k_decode(coded))
signedls = dicom(spread('i2', None, (16, 12), 8), syntax='JPEG 2000')
coded = imagecodecs.jpeg2k_encode(spread('i2', None, (16, 12), 8), codecformat='j2k', level=0, reversible=True)
signedls.PixelData = encapsulate([coded])
single('DICOM JPEG 2000 of signed numbers', signedls, spread('i2', None, (16, 12), 8))
ybrj = dicom(np.stack([smooth, smooth, smooth], -1), syntax='JPEG', photometric='YBR_FULL_422')
ybrj.PixelData = encapsulate([imagecodecs.jpeg8_encode(ybr, level=95, colorspace='RGB', outcolorspace='YCBCR', subsampling='444')])
ybrj['PixelData'].VR = 'OB'
single('DICOM JPEG of colours', ybrj)
cells = segmentation([(2, 0.0, a), (5, 2.0, b)])
add('DICOM SEG of segments 2 and 5', save(cells, 'dicom/seg-gaps.dcm'), np.stack([2 * a, 5 * b]), (4, 5, 2), 1, grid())

# NIfTI ------------------------------------------------------------------------------------------------------------
for slope, inter, what in [(0, 5, 'slope 0'), (math.nan, 0, 'slope NaN'), (1, 0, 'slope 1')]:
    image = nifti(1, numbers('i2', (4, 3, 2), 3), sform=AFFINES['axial'])
    image.header['pixdim'][1:4] = [1.5, 2.5, 4]
    file = f'nifti/odd-{what[-3:].strip()}-{what[0]}.nii'
    again = save_scaled(image, file, slope, inter)
    add(f'NIfTI of {what}', file, np.asanyarray(again.dataobj).flatten(order='F'), (4, 3, 2), 1, RAS @ again.affine)
image = nifti(1, numbers('i2', (4, 3, 2), 4), sform=AFFINES['axial'])
image.header['pixdim'][1:4] = [1.5, 2.5, 4]
image.header.extensions.append(nib.nifti1.Nifti1Extension('comment', b'a text of some length'))
nifti_case('NIfTI with an extension', image, 'nifti/extended.nii')
image = nifti(1, numbers('i2', (4, 3, 2), 5), sform=AFFINES['axial'])
image.header['pixdim'][1:4] = [1.5, 2.5, 4]
nib.save(image, path('nifti/members.nii'))
content = open(path('nifti/members.nii'), 'rb').read()
open(path('nifti/members.nii.gz'), 'wb').write(gzip.compress(content[:300]) + gzip.compress(content[300:370]) + gzip.compress(content[370:]))
again = nib.load(path('nifti/members.nii.gz'))
add('NIfTI packed in several gzip members', 'nifti/members.nii.gz', np.asanyarray(again.dataobj).flatten(order='F'), (4, 3, 2), 1, RAS @ again.affine)
open(path('nifti/PACKED.NII.GZ'), 'wb').write(gzip.compress(content))
add('NIfTI with capital letters in its ending', 'nifti/PACKED.NII.GZ', np.asanyarray(again.dataobj).flatten(order='F'), (4, 3, 2), 1, RAS @ again.affine)
open(path('nifti/after.nii'), 'wb').write(content + b'\0' * 77)
add('NIfTI with bytes after its voxels', 'nifti/after.nii', np.asanyarray(again.dataobj).flatten(order='F'), (4, 3, 2), 1, RAS @ again.affine)
negative = bytearray(content)
struct.pack_into('<3f', negative, 80, -1.5, 2.5, 4)
open(path('nifti/negative.nii'), 'wb').write(bytes(negative))
again = nib.load(path('nifti/negative.nii'))
add('NIfTI with a negative pixdim', 'nifti/negative.nii', np.asanyarray(again.dataobj).flatten(order='F'), (4, 3, 2), 1, RAS @ again.affine)
for code in (2, 3, 4):
    image = nifti(1, numbers('f4', (4, 3, 2), code))
    image.set_qform(AFFINES['oblique'], code), image.set_sform(AFFINES['oblique'], code)
    nifti_case(f'NIfTI of space {code}', image, f'nifti/space{code}.nii')
image = nifti(1, numbers('u1', (4, 3, 2), 7), qform=AFFINES['oblique'])
nib.save(image, path('nifti/qfac.nii'))
content = bytearray(open(path('nifti/qfac.nii'), 'rb').read())
struct.pack_into('<f', content, 76, 0.0)
open(path('nifti/qfac.nii'), 'wb').write(bytes(content))
again = nib.load(path('nifti/qfac.nii'))
add('NIfTI of qfac 0', 'nifti/qfac.nii', np.asanyarray(again.dataobj).flatten(order='F'), (4, 3, 2), 1, RAS @ again.affine)
rgba = np.zeros((4, 3, 2), [('R', 'u1'), ('G', 'u1'), ('B', 'u1'), ('A', 'u1')])
for channel in 'RGB':
    rgba[channel] = numbers('u1', (4, 3, 2), ord(channel))
rgba['A'] = 255
nifti_case('NIfTI RGBA32', nifti(1, rgba, sform=AFFINES['axial']), 'nifti/rgba.nii', notes=True)
for code, size, what in [(1536, 128, 'floats of 128 bits'), (1, 1, 'single bits'), (2048, 256, 'complex numbers')]:
    odd = bytearray(open(path('nifti/members.nii'), 'rb').read()[:352]) + bytes(24 * size // 8)
    struct.pack_into('<hh', odd, 70, code, size)
    open(path(f'nifti/code{code}.nii'), 'wb').write(bytes(odd))
    add(f'NIfTI of {what}', f'nifti/code{code}.nii', refused=f'its voxels are {what}')
vector = nifti(1, numbers('f4', (4, 3, 2, 1, 3), 2), sform=AFFINES['axial'])
vector.header.set_intent('vector')
nifti_case('NIfTI of vectors', vector, 'nifti/vector.nii', notes=True)

# NRRD and MetaImage -----------------------------------------------------------------------------------------------
def nrrd(name, fields, raw, want, size, affine, channels=1, refused=None, file=None, more=(), notes=False):
    file = file or 'nrrd/' + ''.join(c if c.isalnum() else '-' for c in name) + '.nrrd'
    open(path(file), 'wb').write(('NRRD0005\n' + '\n'.join(fields) + '\n\n').encode() + raw)
    add(name, file, want, size, channels, affine, refused=refused, files=[file, *more], notes=notes)


i2 = numbers('i2', (2, 3, 4), 70)
little = i2.astype('<i2').tobytes()
base = ['type: int16', 'dimension: 3', 'sizes: 4 3 2', 'endian: little', 'encoding: raw']
nrrd('NRRD with spacings alone', base + ['spacings: 1.5 2.5 4'], little, i2, (4, 3, 2), np.diag([1.5, 2.5, 4, 1]))
nrrd('NRRD in RAS', base + ['space: right-anterior-superior', 'space directions: (1.5,0,0) (0,2.5,0) (0,0,4)', 'space origin: (1,2,3)'], little, i2, (4, 3, 2), RAS @ np.array([[1.5, 0, 0, 1], [0, 2.5, 0, 2], [0, 0, 4, 3], [0, 0, 0, 1.0]]))
nrrd('NRRD in LAS', base + ['space: LAS', 'space directions: (1.5,0,0) (0,2.5,0) (0,0,4)', 'space origin: (1,2,3)'], little, i2, (4, 3, 2), np.diag([1, -1.0, 1, 1]) @ np.array([[1.5, 0, 0, 1], [0, 2.5, 0, 2], [0, 0, 4, 3], [0, 0, 0, 1.0]]))
nrrd('NRRD as text', base[:4] + ['encoding: ascii'], ' '.join(str(v) for v in i2.ravel()).encode(), i2, (4, 3, 2), np.eye(4))
nrrd('NRRD in hex', base[:4] + ['encoding: hex'], little.hex().encode(), None, None, None, refused='packed as hex')
open(path('nrrd/detached.raw'), 'wb').write(b'header line\n' + little)
nrrd('NRRD detached with a line to skip', base + ['line skip: 1', 'data file: detached.raw'], b'', i2, (4, 3, 2), np.eye(4), file='nrrd/detached.nhdr', more=['nrrd/detached.raw'])
open(path('nrrd/skip.raw'), 'wb').write(b'xyz' * 7 + little)
nrrd('NRRD detached that counts from the end', base + ['byte skip: -1', 'data file: skip.raw'], b'', i2, (4, 3, 2), np.eye(4), file='nrrd/skip.nhdr', more=['nrrd/skip.raw'])
for k in range(2):
    open(path(f'nrrd/part{k}.raw'), 'wb').write(i2[k].astype('<i2').tobytes())
nrrd('NRRD of a list of files', base + ['data file: LIST', 'part0.raw', 'part1.raw'], b'', None, None, None, refused='in several files', file='nrrd/list.nhdr', more=['nrrd/part0.raw', 'nrrd/part1.raw'])
four = numbers('u1', (2, 3, 4, 2), 71)
nrrd('NRRD of two components', ['type: uchar', 'dimension: 4', 'sizes: 2 4 3 2', 'encoding: raw', 'space: left-posterior-superior', 'space directions: none (1.5,0,0) (0,2.5,0) (0,0,4)', 'kinds: vector domain domain domain', 'space origin: (1,2,3)'], four.tobytes(), np.moveaxis(four, -1, 0), (4, 3, 2), np.array([[1.5, 0, 0, 1], [0, 2.5, 0, 2], [0, 0, 4, 3], [0, 0, 0, 1.0]]), channels=2)
last = numbers('u1', (2, 2, 3, 4), 72)
nrrd('NRRD of two times', ['type: uchar', 'dimension: 4', 'sizes: 4 3 2 2', 'encoding: raw', 'space: left-posterior-superior', 'space directions: (1.5,0,0) (0,2.5,0) (0,0,4) none', 'kinds: domain domain domain list', 'space origin: (1,2,3)'], last.tobytes(), last, (4, 3, 2), np.array([[1.5, 0, 0, 1], [0, 2.5, 0, 2], [0, 0, 4, 3], [0, 0, 0, 1.0]]), channels=2)


for space, matrix in [('right-anterior-superior-time', RAS), ('LAST', np.diag([1, -1.0, 1, 1])), ('left-posterior-superior-time', np.eye(4))]:
    timed = numbers('u1', (2, 2, 3, 4), 73)
    nrrd(f'NRRD in {space}', ['type: uchar', 'dimension: 4', 'sizes: 4 3 2 2', 'encoding: raw', f'space: {space}', 'space directions: (1.5,0,0,0) (0,2.5,0,0) (0,0,4,0) (0,0,0,2)', 'kinds: domain domain domain domain', 'space origin: (1,2,3,0)'], timed.tobytes(), timed, (4, 3, 2), matrix @ np.array([[1.5, 0, 0, 1], [0, 2.5, 0, 2], [0, 0, 4, 3], [0, 0, 0, 1.0]]), channels=2)
nrrd('NRRD in scanner-xyz', base + ['space: scanner-xyz', 'space directions: (1.5,0,0) (0,2.5,0) (0,0,4)', 'space origin: (1,2,3)'], little, i2, (4, 3, 2), np.array([[1.5, 0, 0, 1], [0, 2.5, 0, 2], [0, 0, 4, 3], [0, 0, 0, 1.0]]), notes=True)


def meta(name, lines, raw, want, size, affine, channels=1, refused=None, more=()):
    file = 'meta/' + ''.join(c if c.isalnum() else '-' for c in name) + '.mha'
    open(path(file), 'wb').write('\n'.join(['ObjectType = Image', 'NDims = 3', 'BinaryData = True', 'DimSize = 4 3 2'] + lines + ['']).encode() + raw)
    add(name, file, want, size, channels, affine, refused=refused, files=[file, *more])


meta('MetaImage of three components', ['ElementNumberOfChannels = 2', 'ElementType = MET_UCHAR', 'ElementDataFile = LOCAL'], four.tobytes(), np.moveaxis(four, -1, 0), (4, 3, 2), np.eye(4), channels=2)
meta('MetaImage with older names', ['Position = 1 2 3', 'Orientation = 1 0 0 0 1 0 0 0 1', 'ElementSize = 1.5 2.5 4', 'ElementSpacing = 1.5 2.5 4', 'ElementByteOrderMSB = False', 'ElementType = MET_SHORT', 'ElementDataFile = LOCAL'], little, i2, (4, 3, 2), np.array([[1.5, 0, 0, 1], [0, 2.5, 0, 2], [0, 0, 4, 3], [0, 0, 0, 1.0]]))
for k in range(2):
    open(path(f'meta/list{k}.raw'), 'wb').write(i2[k].astype('<i2').tobytes())
meta('MetaImage of a list of files', ['ElementType = MET_SHORT', 'ElementDataFile = LIST', 'list0.raw', 'list1.raw'], b'', i2, (4, 3, 2), np.eye(4), more=['meta/list0.raw', 'meta/list1.raw'])
open(path('meta/headed.raw'), 'wb').write(b'xyz' * 7 + little)
meta('MetaImage with a header to skip', ['HeaderSize = -1', 'ElementType = MET_SHORT', 'ElementDataFile = headed.raw'], b'', i2, (4, 3, 2), np.eye(4), more=['meta/headed.raw'])

# TIFF, PNG, JPEG --------------------------------------------------------------------------------------------------
for orientation in (3, 6):
    file = f'tiff/turned{orientation}.tif'
    Image.fromarray(numbers('u1', (7, 5), 3)).save(path(file), tiffinfo={274: orientation})
    raster_case(f'TIFF of orientation {orientation}', file, tifffile.imread(path(file)))
grey4 = (np.arange(35).reshape(7, 5) % 16).astype('u1')
tifffile.imwrite(path('tiff/four.tif'), grey4, bitspersample=4, metadata=None)
add('TIFF of 4 bits', 'tiff/four.tif', refused='integers of 4 bits')
colours = np.random.default_rng(4).integers(0, 65536, (3, 256)).astype('u2')
tifffile.imwrite(path('tiff/palette.tif'), numbers('u1', (7, 5), 6), photometric='palette', colormap=colours, metadata=None)
raster_case('TIFF with a palette', 'tiff/palette.tif', tifffile.imread(path('tiff/palette.tif')))
one = np.random.default_rng(2).integers(0, 2, (7, 13)).astype(bool)
Image.fromarray(one).save(path('tiff/fax.tif'), compression='group4')
add('TIFF packed as fax', 'tiff/fax.tif', refused='CCITT fax')
Image.fromarray(one).save(path('tiff/fax3.tif'), compression='group3')
add('TIFF packed as fax of group 3', 'tiff/fax3.tif', refused='CCITT fax')
tifffile.imwrite(path('tiff/stack.ome.tif'), numbers('u2', (3, 7, 5), 3), ome=True, metadata={'axes': 'ZYX'})
raster_case('TIFF of OME with three slices', 'tiff/stack.ome.tif', tifffile.imread(path('tiff/stack.ome.tif')), 3)
tifffile.imwrite(path('tiff/channels.ome.tif'), numbers('u2', (2, 7, 5), 3), ome=True, metadata={'axes': 'CYX'})
add('TIFF of OME with two channels', 'tiff/channels.ome.tif', refused='SizeC 2')
tifffile.imwrite(path('tiff/times.ome.tif'), numbers('u2', (2, 7, 5), 3), ome=True, metadata={'axes': 'TYX'})
add('TIFF of OME with two times', 'tiff/times.ome.tif', refused='SizeT 2')
tifffile.imwrite(path('tiff/stack.tif'), numbers('u2', (3, 7, 5), 3), imagej=True, metadata={'axes': 'ZYX', 'spacing': 2.5, 'unit': 'um'})
raster_case('TIFF of ImageJ with three slices', 'tiff/stack.tif', tifffile.imread(path('tiff/stack.tif')), 3)
tifffile.imwrite(path('tiff/shaped.tif'), numbers('u2', (2, 6, 7, 5), 3), photometric='minisblack')
add('TIFF of tifffile with four axes', 'tiff/shaped.tif', refused='its 12 pages span 2 axes')
tifffile.imwrite(path('tiff/shaped3.tif'), numbers('u2', (6, 7, 5), 3), photometric='minisblack')
raster_case('TIFF of tifffile with three axes', 'tiff/shaped3.tif', tifffile.imread(path('tiff/shaped3.tif')), 6)
tifffile.imwrite(path('tiff/shaped-rgb.tif'), numbers('u1', (2, 7, 5, 3), 3), photometric='rgb')
raster_case('TIFF of tifffile with colours', 'tiff/shaped-rgb.tif', tifffile.imread(path('tiff/shaped-rgb.tif')), 2, 3)
with tifffile.TiffWriter(path('tiff/pyramid.tif')) as writer:
    writer.write(numbers('u1', (32, 32), 3), subifds=1, metadata=None, tile=(16, 16))
    writer.write(numbers('u1', (16, 16), 4), subfiletype=1, metadata=None, tile=(16, 16))
raster_case('TIFF with a smaller copy inside', 'tiff/pyramid.tif', tifffile.imread(path('tiff/pyramid.tif')))
with tifffile.TiffWriter(path('tiff/thumb.tif')) as writer:
    writer.write(numbers('u1', (32, 32), 3), metadata=None)
    writer.write(numbers('u1', (8, 8), 4), subfiletype=1, metadata=None)
raster_case('TIFF with a thumbnail after it', 'tiff/thumb.tif', tifffile.imread(path('tiff/thumb.tif')))
with tifffile.TiffWriter(path('tiff/separate.tif')) as writer:
    writer.write(numbers('u2', (2, 7, 5), 3), planarconfig='separate', photometric='minisblack', metadata=None)
add('TIFF of two samples in planes', 'tiff/separate.tif', refused='it has 2 samples a pixel')
rgb16 = numbers('u2', (7, 5, 3), 5)


def png(file, array, depth, colour, chunks=(), width=None):
    rows = b''.join(b'\0' + row for row in array)
    head = struct.pack('>IIBBBBB', width, len(array), depth, colour, 0, 0, 0)
    open(path(file), 'wb').write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', head) + b''.join(chunk(k, d) for k, d in chunks) + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))


png('png/rgb16.png', [row.astype('>u2').tobytes() for row in rgb16], 16, 2, width=5)
raster_case('PNG RGB of 16 bits', 'png/rgb16.png', imagecodecs.png_decode(open(path('png/rgb16.png'), 'rb').read()), 1, 3)
for bits in (2, 4):
    values = (np.arange(8 * 7).reshape(7, 8) % 2**bits).astype('u1')
    packed = [np.packbits(np.unpackbits(row[:, None], axis=1)[:, 8 - bits:].ravel()).tobytes() for row in values]
    png(f'png/grey{bits}.png', packed, bits, 0, width=8)
    raster_case(f'PNG grey of {bits} bits', f'png/grey{bits}.png', np.asarray(Image.open(path(f'png/grey{bits}.png'))))
g = numbers('u1', (7, 5), 12)
png('png/key.png', [row.tobytes() for row in g], 8, 0, [(b'tRNS', struct.pack('>H', int(g[3, 3])))], width=5)
raster_case('PNG with a transparent grey', 'png/key.png', np.asarray(Image.open(path('png/key.png'))))
la = np.stack([g, np.full_like(g, 255)], -1)
png('png/la.png', [row.tobytes() for row in la], 8, 4, width=5)
raster_case('PNG grey with opacity that hides nothing', 'png/la.png', np.asarray(Image.open(path('png/la.png')))[..., 0])
la[1, 1, 1] = 0
png('png/la-clear.png', [row.tobytes() for row in la], 8, 4, width=5)
add('PNG grey with transparent pixels', 'png/la-clear.png', refused='some of its pixels are transparent')
pal = Image.fromarray((np.arange(35).reshape(7, 5) % 4).astype('u1'), 'L').convert('P')
pal.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255]), pal.putdata([int(v) for v in np.arange(35) % 4])
pal.save(path('png/palette-clear.png'), transparency=0)
raster_case('PNG palette with a transparent background', 'png/palette-clear.png', np.asarray(Image.open(path('png/palette-clear.png'))))
frames = [Image.fromarray(numbers('u1', (7, 5), k)) for k in (1, 2)]
frames[0].save(path('png/moving.png'), save_all=True, append_images=frames[1:])
add('PNG that moves', 'png/moving.png', refused=r'it is animated \(2 frames\)')
exif = Image.Exif()
exif[274] = 6
Image.fromarray(smooth[:, :10].copy()).save(path('jpeg/turned.jpg'), quality=95, exif=exif)
raster_case('JPEG of orientation 6', 'jpeg/turned.jpg', np.asarray(Image.open(path('jpeg/turned.jpg'))))
colour = Image.fromarray(np.stack([smooth, smooth[::-1], 255 - smooth], -1))
colour.save(path('jpeg/progressive.jpg'), quality=95, progressive=True, subsampling=0)
raster_case('JPEG progressive', 'jpeg/progressive.jpg', np.asarray(Image.open(path('jpeg/progressive.jpg'))), 1, 3)
colour.save(path('jpeg/half.jpg'), quality=90, subsampling=2)
raster_case('JPEG of halved colours', 'jpeg/half.jpg', np.asarray(Image.open(path('jpeg/half.jpg'))), 1, 3)
open(path('png/really.png'), 'wb').write(open(path('jpeg/grey.jpg'), 'rb').read())
raster_case('JPEG called PNG', 'png/really.png', np.asarray(Image.open(path('png/really.png'))))
